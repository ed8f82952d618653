/** What is answered without the worker: by the network alone, or by the browser from what the worker has kept. */

/** The API, and where people sign in, here or at an ingress in front of us. */
export const NEVER_OURS: RegExp[] = [/^\/api(\/|$|\?)/i, /^\/sign-in/, /^\/oidc(\/|$|\?)/i, /^\/\.auth(\/|$|\?)/i];

/** The same for the browser itself, which then does not even wake the worker: as patterns of paths without a query. */
const PATTERNS = ['/api', '/api/*', '/sign-in*', '/oidc', '/oidc/*', '/.auth', '/.auth/*'];

/** Scripts and styles, each under a name that changes with what is in it. */
const ASSETS = '/assets/*';

/** https://developer.mozilla.org/docs/Web/API/InstallEvent/addRoutes, not in every browser. */
interface RoutableEvent extends ExtendableEvent {
  addRoutes?(rules: Rule[]): Promise<void>;
}

interface Rule {
  condition: { urlPattern: { pathname: string } };
  /** Of what is not in the cache the network is asked. */
  source: 'network' | { cacheName: string };
}

/**
 * Answers as much as can be without the worker; to be called while it is installed. It is more than a saving: a request that wakes
 * the worker before, in the moment in which a new one takes its place, makes Chromium put that off by minutes, and a page that is
 * opened meanwhile may be asked of the old one and never be answered (seen with Chromium 150).
 * @param cacheName where the assets of this build and of earlier ones are
 */
export function spareWorker(event: RoutableEvent, cacheName: string): void {
  const rule = (pathname: string, source: Rule['source']): Rule => ({
    condition: { urlPattern: { pathname } },
    source,
  });
  const rules = [...PATTERNS.map((pathname) => rule(pathname, 'network')), rule(ASSETS, { cacheName })];
  // Without them everything works as well.
  event.waitUntil(Promise.resolve(event.addRoutes?.(rules)).catch(() => undefined));
}
