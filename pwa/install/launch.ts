/**
 * What an address asks for that opened this window, or was handed to it: a link of ours (`web+holdfast:session/<id>`), an
 * entry of the app's menu, files that were shared with it. It may come from anywhere, so it only shows, or asks; it never starts anything by itself.
 */

export type Launch =
  | { kind: 'session'; id: string }
  | { kind: 'project'; id: string }
  /** Files that another app shared. */
  | { kind: 'shared' }
  /** Of the app's menu. */
  | { kind: 'action'; action: 'session.new' | 'switcher.show' | 'selfTest.show' }
  /** Asks for something, but for nothing that we know. */
  | { kind: 'unknown' };

/** Parts of an address that are ours. */
export const OPEN_PARAMETER = 'open';
export const DO_PARAMETER = 'do';
export const SELF_TEST_PARAMETER = 'selftest';

const LINK = /^web\+holdfast:(?:\/\/)?(session|project)\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/?$/i;
const ACTIONS = { 'new-session': 'session.new', 'go-to': 'switcher.show' } as const;

/** Null when it asks for nothing. */
export function launchOf(href: string): Launch | null {
  const parameters = new URL(href).searchParams;
  if (parameters.has(SELF_TEST_PARAMETER)) return { kind: 'action', action: 'selfTest.show' };
  const wanted = parameters.get(DO_PARAMETER);
  if (wanted === 'shared') return { kind: 'shared' };
  if (wanted !== null)
    return Object.hasOwn(ACTIONS, wanted)
      ? { kind: 'action', action: ACTIONS[wanted as keyof typeof ACTIONS] }
      : { kind: 'unknown' };
  const link = parameters.get(OPEN_PARAMETER);
  if (link === null) return null;
  const [, kind, id] = LINK.exec(link) ?? [];
  return kind && id ? { kind: kind.toLowerCase() as 'session' | 'project', id: id.toLowerCase() } : { kind: 'unknown' };
}

/** Without what was asked for: a reload must not ask again. */
export function withoutLaunch(href: string): string {
  const url = new URL(href);
  for (const parameter of [OPEN_PARAMETER, DO_PARAMETER, SELF_TEST_PARAMETER]) url.searchParams.delete(parameter);
  return url.pathname + url.search + url.hash;
}
