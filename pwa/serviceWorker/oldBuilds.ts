/** Files of earlier builds stay in the precache as long as a window that was loaded from one of them may still ask for its lazy parts. */
import type { PrecacheController } from 'workbox-precaching';
import { BUILD_LOCK } from './messages.ts';

declare const self: ServiceWorkerGlobalScope;

/** A build that is being taken in finds files there that it shares with an earlier one: none may be dropped meanwhile. */
const PRECACHE_LOCK = 'holdfast-precache';

/** Takes the files of this build in, beside those of earlier ones. */
export function installBuild(precache: PrecacheController, event: ExtendableEvent): void {
  event.waitUntil(navigator.locks.request(PRECACHE_LOCK, () => precache.install(event)));
}

/** Drops what earlier builds had, once no window of them is left. While another one comes that is left to it. */
export async function dropOldBuilds(precache: PrecacheController, event: ExtendableEvent): Promise<void> {
  if (await isOldBuildOpen(precache)) return;
  await navigator.locks.request(PRECACHE_LOCK, async () => {
    const { installing, waiting } = self.registration;
    if (!installing && !waiting) await precache.activate(event);
  });
}

async function isOldBuildOpen(precache: PrecacheController): Promise<boolean> {
  const { held = [] } = await navigator.locks.query();
  // Windows share theirs. Who waits for the last one to go has it alone for an instant, when it is gone: see buildLocks.ts.
  const shared = held.filter(({ mode }) => mode === 'shared').map(({ name }) => name ?? '');
  const builds = shared.filter((name) => name.startsWith(BUILD_LOCK));
  return builds.some((name) => precache.getCacheKeyForURL(name.slice(BUILD_LOCK.length)) === undefined);
}

/** An asset that is not of this build: as it was taken in, else from the server, which may have it still. */
export async function oldAsset(request: Request): Promise<Response> {
  return (await caches.match(request.url)) ?? fetch(request);
}
