/**
 * Registers the service worker and says when it is of another build than this window. A new worker serves all windows at once, each
 * with the build that it has; a window becomes of the new build when it is restarted: because somebody asks for it, or by itself
 * while nobody looks and nothing is open.
 */
import { readonly, ref, watch } from 'vue';
import type { Ref } from 'vue';
import type { ConnectionStatus } from '../../client/types.ts';
import { noteLack } from '../ui/lacks.ts';
import { restartWindow } from '../ui/restart.ts';
import { afterOtherBuilds, holdBuildLock, ownScripts } from './buildLocks.ts';
import { isMessage, type WindowsChanged } from './messages.ts';

const CHECK_EVERY_MS = 60 * 60 * 1000;

const isUpdateReady = ref(false);
let isFree = () => false;

export function useUpdate() {
  return { isUpdateReady: readonly(isUpdateReady), applyUpdate: () => void restartWindow() };
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
  listen();
  // After what the page itself needs.
  const register = () => void start(shards);
  if (document.readyState === 'complete') register();
  else addEventListener('load', register, { once: true });
}

function listen(): void {
  const { serviceWorker } = navigator;
  serviceWorker.addEventListener('message', ({ data }) => {
    if (isMessage(data, 'build')) isUpdateReady.value = !data.isCurrent;
  });
  serviceWorker.addEventListener('controllerchange', tell);
  document.addEventListener('visibilitychange', () => {
    if (document.hidden && isUpdateReady.value && isFree()) void restartWindow();
  });
  tell();
  void afterOtherBuilds(tell);
}

/** Only the worker that serves this window is asked: the page of one that is served by none may be newer than any. */
function tell(): void {
  const word: WindowsChanged = { is: 'windowsChanged', scripts: ownScripts() };
  navigator.serviceWorker.controller?.postMessage(word);
}

async function start(shards: Ref<readonly ConnectionStatus[]>): Promise<void> {
  const registration = await navigator.serviceWorker.register('/sw.js').catch(() => undefined);
  if (!registration) return void (await noteUnlessAway());
  const look = () => void registration.update().catch(() => {});
  setInterval(look, CHECK_EVERY_MS);
  watch(
    () => shards.value.some(({ state }) => state === 'online'),
    (isOnline) => isOnline && look(),
  );
}

/** A browser that does not take the worker, as one that keeps nothing; a server that is away is no such reason. */
async function noteUnlessAway(): Promise<void> {
  const isThere = await fetch('/sw.js', { method: 'HEAD' }).then(
    ({ ok }) => ok,
    () => false,
  );
  if (isThere) noteLack('worker');
}
