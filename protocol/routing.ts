/** Which shard a person's new sessions go to: the published rule, used by browser and server alike. */

/** Trimmed and lower-cased, so that one person is one key however the name was typed. */
export function normalizeEmail(email: string): string {
  return email.trim().toLowerCase();
}

/** The published hash: the sum of the normalized e-mail's UTF-16 code units. */
export function emailHash(email: string): number {
  let sum = 0;
  for (const unit of normalizeEmail(email).split('')) sum += unit.charCodeAt(0);
  return sum;
}

/** `hash(email) % N` as an index into the configured list of shards. */
export function defaultShardIndex(email: string, shardCount: number): number {
  if (!Number.isInteger(shardCount) || shardCount < 1) throw new RangeError('there must be at least one shard');
  return emailHash(email) % shardCount;
}

/**
 * Rendezvous hashing: each shard scores the key; a person's shards in falling order of score.
 * Losing a shard moves only that shard's keys; the order of `shards` does not matter.
 */
export function rendezvousOrder(key: string, shards: readonly string[]): string[] {
  return shards
    .map((shard) => ({ shard, score: fnv1a(`${key}\u0000${shard}`) }))
    .sort((a, b) => b.score - a.score || (a.shard < b.shard ? -1 : 1))
    .map(({ shard }) => shard);
}

/** The order in which a person's shards are tried: the published default first, then rendezvous order. */
export function shardPreference(email: string, shards: readonly string[]): string[] {
  const preferred = shards[defaultShardIndex(email, shards.length)]!;
  return [preferred, ...rendezvousOrder(normalizeEmail(email), shards).filter((shard) => shard !== preferred)];
}

/** FNV-1a over UTF-16 code units with a final avalanche (murmur3's), because plain FNV scores similar keys alike. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
