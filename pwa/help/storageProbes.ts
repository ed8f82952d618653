/** What keeps the app and its work in this browser. */
import { denied, missing, unknown, works, type Probe } from './finding.ts';

const NO_START = 'The app does not start without a server.';
const LOST_SCREENS = 'Last screens and settings may not be kept.';
const SCRATCH = 'holdfast-selftest';

export const storageProbes: readonly Probe[] = [
  {
    id: 'secure',
    title: 'Secure address',
    run: ({ window }) =>
      window.isSecureContext
        ? works(window.location.protocol.slice(0, -1))
        : missing('plain http', 'Browsers switch off most of what follows: use https, or localhost.'),
  },
  {
    id: 'serviceWorker',
    title: 'Service worker',
    async run({ window }) {
      const workers = window.navigator.serviceWorker as ServiceWorkerContainer | undefined;
      if (!workers) return missing('not in this browser, or not here', NO_START);
      const registration = await workers.getRegistration();
      if (!registration) return missing('not registered', `${NO_START} Load the page once more.`);
      if (registration.waiting)
        return works('active, a new version waits', 'The bar below offers to restart the window.');
      if (!registration.active) return unknown('being installed', NO_START);
      return works(workers.controller ? 'active' : 'active, from the next load of this page on');
    },
  },
  {
    id: 'localStorage',
    title: 'Local storage',
    run({ window }) {
      try {
        window.localStorage.setItem(SCRATCH, '1');
        const isKept = window.localStorage.getItem(SCRATCH) === '1';
        window.localStorage.removeItem(SCRATCH);
        return isKept ? works('written and read') : missing('does not keep', LOST_SCREENS);
      } catch {
        return denied('refused', 'Tabs, drafts and the theme are forgotten with the window.');
      }
    },
  },
  {
    id: 'indexedDb',
    title: 'Database in the browser',
    async run({ window }) {
      if (!('indexedDB' in window)) return missing('not in this browser', LOST_SCREENS);
      try {
        await roundTrip(window.indexedDB);
        return works('written and read');
      } catch {
        return denied('refused', `${LOST_SCREENS} Private windows refuse it.`);
      }
    },
  },
  {
    id: 'quota',
    title: 'Storage left',
    async run({ window }) {
      const estimate = await storageOf(window)?.estimate?.();
      if (estimate?.quota === undefined) return unknown('not said', '');
      const text = `${megabytes(estimate.usage ?? 0)} of ${megabytes(estimate.quota)} used`;
      const isTight = estimate.quota - (estimate.usage ?? 0) < 50 * 1024 * 1024;
      return works(text, isTight ? 'Little is left: the browser may drop what is kept.' : '');
    },
  },
  {
    id: 'persistence',
    title: 'Storage that stays',
    async run({ window }) {
      const isKept = await storageOf(window)?.persisted?.();
      if (isKept === undefined) return unknown('not said', '');
      return isKept
        ? works('granted')
        : denied('not granted', 'The browser may drop last screens when it needs room. Installing the app helps.');
    },
  },
  {
    id: 'locks',
    title: 'Locks between windows',
    async run({ window }) {
      const locks = window.navigator.locks as LockManager | undefined;
      if (!locks)
        return missing('not in this browser, or not here', 'A duplicated tab may share another one’s connection.');
      return works(
        (await locks.request(SCRATCH, { ifAvailable: true }, (lock) => lock !== null))
          ? 'taken and given back'
          : 'held by another self-test',
      );
    },
  },
  {
    id: 'channel',
    title: 'Messages between windows',
    async run({ window }, signal) {
      if (!('BroadcastChannel' in window))
        return missing('not in this browser', 'Signing in or out is not heard by other windows.');
      const [one, other] = [new window.BroadcastChannel(SCRATCH), new window.BroadcastChannel(SCRATCH)];
      try {
        await new Promise<void>((resolve, reject) => {
          other.onmessage = () => resolve();
          signal.addEventListener('abort', () => reject(new Error('not heard')));
          one.postMessage('heard?');
        });
        return works('sent and heard');
      } finally {
        one.close();
        other.close();
      }
    },
  },
];

const storageOf = (window: Window) => window.navigator.storage as Partial<StorageManager> | undefined;
const megabytes = (bytes: number) => `${(bytes / 1024 / 1024).toFixed(bytes < 10 * 1024 * 1024 ? 1 : 0)} MB`;

/** In a database of its own, which is removed again. */
async function roundTrip(factory: IDBFactory): Promise<void> {
  const db = await new Promise<IDBDatabase>((resolve, reject) => {
    const opening = factory.open(SCRATCH, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore('scratch');
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error ?? new Error('not opened'));
  });
  try {
    await new Promise<void>((resolve, reject) => {
      const tx = db.transaction('scratch', 'readwrite');
      tx.objectStore('scratch').put(1, 'key');
      tx.oncomplete = () => resolve();
      tx.onabort = () => reject(tx.error ?? new Error('not written'));
    });
  } finally {
    db.close();
    factory.deleteDatabase(SCRATCH);
  }
}
