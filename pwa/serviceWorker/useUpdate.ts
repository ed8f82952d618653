/** Registers the service worker and says when a new build waits; only the window that asks for it is restarted. */
import { readonly, ref, watch } from 'vue';
import type { Ref } from 'vue';
import type { ConnectionStatus } from '../../client/types.ts';
import { noteLack } from '../ui/lacks.ts';
import { APPLY_UPDATE, BUILD_LOCK, WINDOWS_CHANGED } from './messages.ts';

const CHECK_EVERY_MS = 60 * 60 * 1000;

const isUpdateReady = ref(false);
let apply = () => {};

export function useUpdate() {
  return { isUpdateReady: readonly(isUpdateReady), applyUpdate: () => apply() };
}

/** @param shards each return of a connection is a reason to look for a new build */
export function registerServiceWorker(shards: Ref<readonly ConnectionStatus[]>): void {
  if (import.meta.env.DEV) return;
  if (!('serviceWorker' in navigator)) return noteLack('worker');
  holdBuildLock();
  void start(shards);
}

async function start(shards: Ref<readonly ConnectionStatus[]>): Promise<void> {
  const { Workbox } = await import('workbox-window');
  const workbox = new Workbox('/sw.js');
  let isAsked = false;

  workbox.addEventListener('waiting', () => (isUpdateReady.value = true));
  workbox.addEventListener('controlling', () => {
    if (isAsked) location.reload();
  });

  const registration = await workbox.register().catch(() => undefined);
  if (!registration) return void (await noteUnlessAway());
  apply = () => {
    isAsked = true;
    // Another window may have applied it already: then this one only has to start again.
    if (registration.waiting) registration.waiting.postMessage(APPLY_UPDATE);
    else location.reload();
  };
  const look = () => void registration.update().catch(() => {});
  setInterval(look, CHECK_EVERY_MS);
  watch(
    () => shards.value.some(({ state }) => state === 'online'),
    (isOnline) => isOnline && look(),
  );
  registration.active?.postMessage(WINDOWS_CHANGED);
}

/** A browser that does not take the worker, as one that keeps nothing; a server that is away is no such reason. */
async function noteUnlessAway(): Promise<void> {
  const isThere = await fetch('/sw.js', { method: 'HEAD' }).then(
    ({ ok }) => ok,
    () => false,
  );
  if (isThere) noteLack('worker');
}

/** Held until this window is gone: the service worker counts the builds that are still in use. */
function holdBuildLock(): void {
  const entry = document.querySelector<HTMLScriptElement>('script[type=module][src]');
  if (!entry || !('locks' in navigator)) return;
  const name = BUILD_LOCK + new URL(entry.src).pathname;
  // Denied with the storage, where no worker counts it either.
  navigator.locks.request(name, { mode: 'shared' }, () => new Promise(() => {})).catch(() => undefined);
}
