/**
 * Registers the service worker and says when a new build waits. Only the window that asks for it is restarted, or one that nobody
 * looks at and in which nothing is open; the others live on with the build they have.
 */
import { readonly, ref, watch } from 'vue';
import type { Ref } from 'vue';
import type { ConnectionStatus } from '../../client/types.ts';
import { noteLack } from '../ui/lacks.ts';
import { afterOtherBuilds, holdBuildLock } from './buildLocks.ts';
import { APPLY_UPDATE, WINDOWS_CHANGED } from './messages.ts';
import { restartWindow } from '../ui/restart.ts';

const CHECK_EVERY_MS = 60 * 60 * 1000;

const isUpdateReady = ref(false);
let apply = () => void restartWindow();
let isFree = () => false;

export function useUpdate() {
  return { isUpdateReady: readonly(isUpdateReady), applyUpdate: () => apply() };
}

/** @param isNothingOpen whether a restart of this window would be noticed by nobody, once it is hidden */
export function updateWhenFree(isNothingOpen: () => boolean): void {
  isFree = isNothingOpen;
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
  workbox.addEventListener('controlling', ({ isUpdate }) => {
    if (isAsked) void restartWindow();
    // Another window has applied it: this one is of the build before, and may follow when it likes.
    else if (isUpdate) isUpdateReady.value = true;
  });

  const registration = await workbox.register().catch(() => undefined);
  if (!registration) return void (await noteUnlessAway());
  apply = () => {
    isAsked = true;
    // Another window may have applied it already: then this one only has to start again.
    if (registration.waiting) registration.waiting.postMessage(APPLY_UPDATE);
    else void restartWindow();
  };
  document.addEventListener('visibilitychange', () => {
    if (document.hidden && isUpdateReady.value && isFree()) apply();
  });
  const look = () => void registration.update().catch(() => {});
  setInterval(look, CHECK_EVERY_MS);
  watch(
    () => shards.value.some(({ state }) => state === 'online'),
    (isOnline) => isOnline && look(),
  );
  const tell = () => registration.active?.postMessage(WINDOWS_CHANGED);
  tell();
  void afterOtherBuilds(tell);
}

/** A browser that does not take the worker, as one that keeps nothing; a server that is away is no such reason. */
async function noteUnlessAway(): Promise<void> {
  const isThere = await fetch('/sw.js', { method: 'HEAD' }).then(
    ({ ok }) => ok,
    () => false,
  );
  if (isThere) noteLack('worker');
}
