/** Files of earlier builds, kept as long as a window that was loaded from one of them may still ask for its lazy parts. */
import { BUILD_LOCK } from './messages.ts';

const OLD_ASSETS = 'holdfast-old-assets';

/** Copies what is precached and not part of this build; to be called before the precache is cleaned up. */
export async function keepOldAssets(currentPaths: ReadonlySet<string>): Promise<void> {
  const names = (await caches.keys()).filter((name) => name.includes('-precache-'));
  const kept = await caches.open(OLD_ASSETS);
  for (const name of names) {
    const precache = await caches.open(name);
    for (const request of await precache.keys()) {
      const { pathname } = new URL(request.url);
      if (!pathname.startsWith('/assets/') || currentPaths.has(pathname)) continue;
      const response = await precache.match(request);
      if (response) await kept.put(pathname, response);
    }
  }
}

/** Forgets them once no window of another build is left. */
export async function dropOldAssets(currentPaths: ReadonlySet<string>): Promise<void> {
  const { held = [] } = await navigator.locks.query();
  const builds = held.map(({ name }) => name ?? '').filter((name) => name.startsWith(BUILD_LOCK));
  const isCurrent = (name: string) => currentPaths.has(name.slice(BUILD_LOCK.length));
  if (builds.every(isCurrent)) await caches.delete(OLD_ASSETS);
}

/** An asset that is not of this build: from the kept ones, else from the server, which may have it still. */
export async function oldAsset(request: Request): Promise<Response> {
  const kept = await caches.open(OLD_ASSETS);
  return (await kept.match(new URL(request.url).pathname)) ?? fetch(request);
}
