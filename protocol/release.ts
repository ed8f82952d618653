/**
 * Which releases understand each other. A page lives for weeks, and servers are replaced under it, or put back: the release before
 * and the one after are always understood. Raised with what could not be, and the oldest then no further than to the number before.
 */
export interface Release {
  number: number;
  /** Of the other side, the oldest that is understood. */
  oldest: number;
}

export const RELEASE: Release = { number: 1, oldest: 1 };

/** What servers said before they said anything of it. */
const FIRST: Release = { number: 1, oldest: 1 };

/** `page` and `servers`: who is too old for the other. */
export function skewOf(servers: Release = FIRST, page: Release = RELEASE): 'none' | 'page' | 'servers' {
  if (page.number < servers.oldest) return 'page';
  return servers.number < page.oldest ? 'servers' : 'none';
}
