/** What a shard does with a session of its own after it has seen the session's row. */
import type { Ownership } from './sessionStore.ts';

export type Verdict =
  | 'keep'
  /** A sweep marked it lost while we could not be heard; it runs here still, so it is ours again. */
  | 'take_back'
  /** It was revived while we were away: the pty here is the older life, and ends. */
  | 'superseded'
  /** Its row says that it was put away, by this shard: what was begun is finished. */
  | 'put_away'
  /** There is no such row: it was closed while we were away. */
  | 'missing';

/** @param row undefined when the database answered that there is none */
export function verdictOn(live: { shardId: string; incarnation: number }, row: Ownership | undefined): Verdict {
  if (!row) return 'missing';
  if (row.incarnation > live.incarnation || row.shardId !== live.shardId) return 'superseded';
  if (row.state === 'hibernated' && row.incarnation === live.incarnation) return 'put_away';
  return row.state === 'lost' && row.incarnation === live.incarnation ? 'take_back' : 'keep';
}
