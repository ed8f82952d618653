import type { PrecacheController } from 'workbox-precaching';
import { afterEach, expect, test, vi } from 'vitest';
import { BUILD_LOCK } from './messages.ts';
import { dropOldBuilds } from './oldBuilds.ts';

const OWN = '/assets/index-new.js';
const SHARED = '/assets/vue-1.js';
const OLD = '/assets/index-old.js';

interface World {
  /** Locks that are held, by their mode. */
  shared?: string[];
  exclusive?: string[];
  registration?: Partial<ServiceWorkerRegistration>;
}

/** @returns whether the files of earlier builds were dropped */
async function drop({ shared = [], exclusive = [], registration = {} }: World): Promise<boolean> {
  const inMode = (mode: LockMode, names: string[]) => names.map((name) => ({ name: BUILD_LOCK + name, mode }));
  vi.stubGlobal('navigator', {
    locks: {
      query: () =>
        Promise.resolve({
          held: [...inMode('shared', shared), ...inMode('exclusive', exclusive), { name: 'another', mode: 'shared' }],
        }),
      request: (_: string, callback: () => Promise<void>) => callback(),
    },
  });
  vi.stubGlobal('self', { registration: { installing: null, waiting: null, ...registration } });
  let isDropped = false;
  const precache = {
    getCacheKeyForURL: (path: string) => ([OWN, SHARED].includes(path) ? `${path}?key` : undefined),
    activate: () => Promise.resolve(void (isDropped = true)),
  };
  await dropOldBuilds(precache as unknown as PrecacheController, {} as ExtendableEvent);
  return isDropped;
}

afterEach(() => void vi.unstubAllGlobals());

test.each<[string, World, boolean]>([
  ['no window is open', {}, true],
  ['only windows of this build are', { shared: [OWN, SHARED] }, true],
  ['one of an earlier build is', { shared: [OWN, SHARED, OLD] }, false],
  ['the last of an earlier one went a moment ago', { shared: [OWN, SHARED], exclusive: [OLD] }, true],
  ['another build comes', { shared: [OWN], registration: { installing: {} as ServiceWorker } }, false],
])('files of earlier builds go when no window needs them: %s', async (_, world, isDropped) => {
  expect(await drop(world)).toBe(isDropped);
});
