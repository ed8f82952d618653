/** Serves the app without a network, and serves windows of an older build the files they still need. */
import { PrecacheController, PrecacheRoute } from 'workbox-precaching';
import { NavigationRoute, registerRoute } from 'workbox-routing';
import { APPLY_UPDATE, type ShowSession } from './messages.ts';
import { NEVER_OURS } from './neverOurs.ts';
import { dropOldAssets, keepOldAssets, oldAsset } from './oldAssets.ts';

declare const self: ServiceWorkerGlobalScope & { __WB_MANIFEST: (string | { url: string; revision: string | null })[] };

const precache = new PrecacheController();
precache.addToCacheList(self.__WB_MANIFEST);
const currentPaths = new Set(precache.getCachedURLs().map((url) => new URL(url).pathname));

self.addEventListener('install', (event) => {
  void precache.install(event); // holds the event open itself
});
self.addEventListener('activate', (event) => event.waitUntil(takeOver(event)));
// An update waits until it is asked for, or until the last window is closed.
self.addEventListener('message', (event) => {
  if (event.data === APPLY_UPDATE) void self.skipWaiting();
  else event.waitUntil(dropOldAssets(currentPaths));
});

/** What the build before had is put aside before the precache forgets it. */
async function takeOver(event: ExtendableEvent): Promise<void> {
  await keepOldAssets(currentPaths);
  await precache.activate(event);
  await dropOldAssets(currentPaths);
  await self.clients.claim();
}

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const { sessionId } = (event.notification.data ?? {}) as { sessionId?: string };
  if (sessionId) event.waitUntil(showSession(sessionId));
});

/** In a window that is there, else in a new one, which opens its tabs as they were. */
async function showSession(sessionId: string): Promise<void> {
  const windows = await self.clients.matchAll({ type: 'window' });
  const chosen = windows.find(({ focused }) => focused) ?? windows[0];
  if (!chosen) return void (await self.clients.openWindow('/'));
  chosen.postMessage({ is: 'showSession', sessionId } satisfies ShowSession);
  await chosen.focus();
}

registerRoute(new PrecacheRoute(precache, { ignoreURLParametersMatching: [/.*/] }));
registerRoute(new NavigationRoute(precache.createHandlerBoundToURL('/index.html'), { denylist: NEVER_OURS }));
registerRoute(
  ({ url, sameOrigin }) => sameOrigin && url.pathname.startsWith('/assets/'),
  ({ request }) => oldAsset(request),
);
