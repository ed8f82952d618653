/** Serves the app without a network, and serves windows of an older build the files they still need. */
import { PrecacheController, PrecacheRoute } from 'workbox-precaching';
import { NavigationRoute, registerRoute } from 'workbox-routing';
import type { PushNote } from '../../protocol/attention.ts';
import { show, tellOnce } from '../attention/notification.ts';
import { isMessage, SHOW_KEY, type BuildSaid, type ShowSession } from './messages.ts';
import { NEVER_OURS, spareWorker } from './routes.ts';
import { dropOldBuilds, installBuild, oldAsset } from './oldBuilds.ts';
import { keepShared, SHARE_PATH } from './shared.ts';

declare const self: ServiceWorkerGlobalScope & { __WB_MANIFEST: (string | { url: string; revision: string | null })[] };

const precache = new PrecacheController();
precache.addToCacheList(self.__WB_MANIFEST);

self.addEventListener('install', (event) => {
  spareWorker(event, precache.strategy.cacheName);
  installBuild(precache, event);
  // It serves windows of earlier builds as well: see oldBuilds.ts.
  void self.skipWaiting();
});
// Nothing is waited for: what a window asks meanwhile, its page first of all, is held up as long as this lasts.
self.addEventListener('activate', () => void self.clients.claim());
self.addEventListener('message', (event) => {
  if (!isMessage(event.data, 'windowsChanged')) return;
  const isCurrent = event.data.scripts.every((path) => precache.getCacheKeyForURL(path) !== undefined);
  event.source?.postMessage({ is: 'build', isCurrent } satisfies BuildSaid);
  event.waitUntil(dropOldBuilds(precache, event));
});

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
