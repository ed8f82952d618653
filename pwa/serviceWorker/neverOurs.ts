/** Paths that the network alone answers: the API, and where people sign in, here or at an ingress in front of us. */
export const NEVER_OURS: RegExp[] = [/^\/api(\/|$|\?)/i, /^\/sign-in/, /^\/oidc(\/|$|\?)/i, /^\/\.auth(\/|$|\?)/i];

/** The same for the browser itself, which then does not even wake the worker: as patterns of paths without a query. */
const PATTERNS = ['/api', '/api/*', '/sign-in*', '/oidc', '/oidc/*', '/.auth', '/.auth/*'];

/** https://developer.mozilla.org/docs/Web/API/InstallEvent/addRoutes, not in every browser. */
interface RoutableEvent extends ExtendableEvent {
  addRoutes?(rules: { condition: { urlPattern: { pathname: string } }; source: 'network' }[]): Promise<void>;
}

/**
 * To be called while the worker is installed. It is more than a saving: a request that wakes the worker before, in the moment in
 * which a new one takes its place, makes Chromium put that off by minutes.
 */
export function leaveToNetwork(event: RoutableEvent): void {
  const rules = PATTERNS.map((pathname) => ({ condition: { urlPattern: { pathname } }, source: 'network' as const }));
  // Without them everything works as well.
  event.waitUntil(Promise.resolve(event.addRoutes?.(rules)).catch(() => undefined));
}
