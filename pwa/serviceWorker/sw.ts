/** Serves the app without a network, and serves windows of an older build the files they still need. */
import { PrecacheController, PrecacheRoute } from 'workbox-precaching';
import { NavigationRoute, registerRoute } from 'workbox-routing';
import type { PushNote } from '../../protocol/attention.ts';
import { show, tellOnce } from '../attention/notification.ts';
import { APPLY_UPDATE, SHOW_KEY, type ShowSession } from './messages.ts';
import { NEVER_OURS } from './neverOurs.ts';
import { dropOldAssets, keepOldAssets, oldAsset } from './oldAssets.ts';
import { keepShared, SHARE_PATH } from './shared.ts';

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

self.addEventListener('push', (event) => event.waitUntil(called(event.data?.json() as PushNote)));

/** Devices are called while no window shows life. One that told it already has it replaced, without another sound. */
async function called(note: PushNote): Promise<void> {
  await tellOnce(note, async (wasTold) => ((await show(self.registration, note, wasTold)) ? 'called' : 'failed'));
}

/** In a window that is there, else in a new one, which opens its tabs as they were and this session. */
async function showSession(sessionId: string): Promise<void> {
  const windows = await self.clients.matchAll({ type: 'window' });
  const chosen = windows.find(({ focused }) => focused) ?? windows[0];
  if (!chosen) return void (await self.clients.openWindow(`/#${SHOW_KEY}=${sessionId}`));
  chosen.postMessage({ is: 'showSession', sessionId } satisfies ShowSession);
  await chosen.focus();
}

registerRoute(
  ({ url, sameOrigin }) => sameOrigin && url.pathname === SHARE_PATH,
  ({ request }) => keepShared(request),
  'POST',
);
registerRoute(new PrecacheRoute(precache, { ignoreURLParametersMatching: [/.*/] }));
registerRoute(new NavigationRoute(precache.createHandlerBoundToURL('/index.html'), { denylist: NEVER_OURS }));
registerRoute(
  ({ url, sameOrigin }) => sameOrigin && url.pathname.startsWith('/assets/'),
  ({ request }) => oldAsset(request),
);
