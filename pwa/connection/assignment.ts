/** The stored assignment: which shard this person's sessions go to, known without asking anyone. A hint, never the truth. */
import type { Assignment, ShardAddress, StoredAssignment } from '../../protocol/identity.ts';
import { normalizeEmail } from '../../protocol/routing.ts';

export const ASSIGNMENT_KEY = 'backend_assignment';
/** What may stand in a path as one of its steps. */
const SHARD_ID = /^(?!\.+$)[\w.-]+$/;

/** What a stored text says, or null when it is not a record of ours. */
export function parseAssignment(text: string | null): StoredAssignment | null {
  if (text === null) return null;
  try {
    return asAssignment(JSON.parse(text));
  } catch {
    return null;
  }
}

/** Checked by hand, because it is read before the first paint and the schema library is not loaded yet. */
export function asAssignment(value: unknown): StoredAssignment | null {
  if (typeof value !== 'object' || value === null) return null;
  const { email, shardId, url, epoch, assignedAt } = value as Record<string, unknown>;
  if (typeof email !== 'string' || typeof shardId !== 'string' || typeof url !== 'string') return null;
  if (typeof epoch !== 'number' || typeof assignedAt !== 'string') return null;
  // The address becomes part of others: whatever is not a shard's path here may lead elsewhere.
  if (!SHARD_ID.test(shardId) || url !== `/api/shards/${shardId}`) return null;
  return { email, shardId, url, epoch, assignedAt };
}

/** The first record that is this person's. Before anyone is known every record may be theirs. */
export function chooseAssignment(
  email: string | null,
  ...records: (StoredAssignment | null)[]
): StoredAssignment | null {
  const isTheirs = (record: StoredAssignment) =>
    email === null || normalizeEmail(record.email) === normalizeEmail(email);
  return records.find((record) => record !== null && isTheirs(record)) ?? null;
}

/**
 * The record after the server's answer; `assignedAt` stays while nothing changed. A guess (epoch 0) does not outweigh what was
 * assigned, unless that is none of the `shards` that are there.
 */
export function renewAssignment(
  stored: StoredAssignment | null,
  answer: Assignment,
  now: Date,
  shards: readonly ShardAddress[],
): StoredAssignment {
  const { email, shardId, url, epoch } = answer;
  const kept = shards.some(({ id }) => id === stored?.shardId) ? stored : null;
  const isSame =
    kept !== null && kept.email === email && kept.shardId === shardId && kept.url === url && kept.epoch === epoch;
  const isGuess = kept !== null && epoch === 0;
  return isSame || isGuess ? kept : { email, shardId, url, epoch, assignedAt: now.toISOString() };
}
