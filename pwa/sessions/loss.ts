/** Which sessions are lost, as values: those whose rows say so, and those whose shard is gone. */
import type { Session } from '../../protocol/sessions.ts';
import type { ShardSeen } from '../../protocol/shards.ts';

/** By shard id: since when it is lost, ISO 8601. */
export type LostShards = ReadonlyMap<string, string>;

export function lostShardsOf(seen: readonly ShardSeen[]): LostShards {
  return new Map(seen.filter(({ state }) => state === 'lost').map(({ id, since }) => [id, since]));
}

/** A running session of a lost shard is a lost session, whatever its row says still. */
export function asSeen(session: Session, lost: LostShards): Session {
  const since = lost.get(session.shardId);
  const isAlive = session.state === 'starting' || session.state === 'running';
  return since !== undefined && isAlive ? { ...session, state: 'lost', endedAt: since } : session;
}

/** `backend-2 is lost since 12:03.`, or of a session whose process alone is gone `Lost on backend-2 at 12:03.` */
export function lossText(
  { shardId, endedAt }: Pick<Session, 'shardId' | 'endedAt'>,
  lost: LostShards,
  now: Date,
): string {
  const since = lost.get(shardId);
  if (since !== undefined) return `${shardId} is lost since ${clockTime(since, now)}.`;
  return endedAt === null ? `Lost on ${shardId}.` : `Lost on ${shardId} at ${clockTime(endedAt, now)}.`;
}

/** `Put away at 12:03.` */
export function putAwayText({ endedAt }: Pick<Session, 'endedAt'>, now: Date): string {
  return endedAt === null ? 'Put away.' : `Put away at ${clockTime(endedAt, now)}.`;
}

/** `12:03`, with the date when it was not today; in the person's own time. */
export function clockTime(iso: string, now: Date): string {
  const at = new Date(iso);
  const two = (value: number) => String(value).padStart(2, '0');
  const time = `${two(at.getHours())}:${two(at.getMinutes())}`;
  if (at.toDateString() === now.toDateString()) return time;
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${time}`;
}
