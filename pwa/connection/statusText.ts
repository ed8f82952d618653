/** How the connection to a shard is told: every word comes from what was measured, none from what the browser believes. */
import type { ConnectionStatus } from '../../client/types.ts';
import { PING_INTERVAL_MS } from '../../protocol/limits.ts';

export type LinkState = 'online' | 'stalled' | 'connecting' | 'offline' | 'signed_out';

/** The shard speaks at least once every ping interval; silence beyond it and a margin is worth a word. */
const SILENCE_MS = PING_INTERVAL_MS + 2_500;

export function linkState(status: ConnectionStatus | null, now: number): LinkState {
  if (!status) return 'connecting';
  if (status.state === 'online' && status.lastMessageAt !== null && now - status.lastMessageAt > SILENCE_MS)
    return 'stalled';
  return status.state;
}

/** What is wrong with the shard's terminals while the connection itself stands; null when nothing is. */
export function hostTrouble(status: ConnectionStatus | null): string | null {
  if (status?.state !== 'online' || status.host === 'ok') return null;
  return status.host === 'blocked' ? 'Terminals are not responding' : 'Terminals are starting again';
}

/** Since when it is away: `0:42`, `12:05`, `3:07:30`. */
export function elapsed(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const tail = String(seconds % 60).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${tail}` : `${minutes}:${tail}`;
}

/** How long ago, in one unit: `now`, `4 s`, `3 min`, `2 h`, `5 d`. */
export function age(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 2) return 'now';
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

export function lastByte(status: ConnectionStatus, now: number): string {
  if (status.lastMessageAt === null) return 'no byte yet';
  const ago = age(now - status.lastMessageAt);
  return ago === 'now' ? 'last byte now' : `last byte ${ago} ago`;
}

export function nextTry(status: ConnectionStatus, now: number): string {
  if (status.nextTryAt === null) return 'trying now';
  const seconds = Math.ceil((status.nextTryAt - now) / 1000);
  return seconds <= 0 ? 'trying now' : `next try in ${seconds} s`;
}

export function roundTrip(ms: number): string {
  return ms < 1 ? '<1 ms' : `${Math.round(ms)} ms`;
}

/** What typing waits for the line: `14 bytes`, `3 kB`. */
export function heldSize(bytes: number): string {
  if (bytes === 1) return '1 byte';
  return bytes < 1024 ? `${bytes} bytes` : `${Math.ceil(bytes / 1024)} kB`;
}
