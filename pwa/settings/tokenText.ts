/** How a command-line token is told in a line. */
import type { AccessToken } from '../../protocol/tokens.ts';

export function isExpired({ expiresAt }: Pick<AccessToken, 'expiresAt'>, now: number): boolean {
  return Date.parse(expiresAt) <= now;
}

/** `made 3 Nov 2026 · expires 1 Feb 2027 · used 5 min ago` @param now ms since the epoch */
export function tokenText({ createdAt, expiresAt, lastUsedAt }: AccessToken, now: number, locale?: string): string {
  const end = isExpired({ expiresAt }, now) ? 'expired' : 'expires';
  return `made ${day(createdAt, locale)} · ${end} ${day(expiresAt, locale)} · ${useText(lastUsedAt, now, locale)}`;
}

/** The server notes a use at most once a minute, so nothing finer is said. */
function useText(lastUsedAt: string | null, now: number, locale?: string): string {
  if (lastUsedAt === null) return 'never used';
  const minutes = Math.floor((now - Date.parse(lastUsedAt)) / 60_000);
  if (minutes < 2) return 'used just now';
  if (minutes < 60) return `used ${minutes} min ago`;
  return minutes < 24 * 60 ? `used ${Math.floor(minutes / 60)} h ago` : `used ${day(lastUsedAt, locale)}`;
}

function day(time: string, locale?: string): string {
  return new Date(time).toLocaleDateString(locale, { day: 'numeric', month: 'short', year: 'numeric' });
}

/** What a lifetime is called. */
export function lifetimeText(days: number): string {
  return days === 365 ? '1 year' : `${days} days`;
}
