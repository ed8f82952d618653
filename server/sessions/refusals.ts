/** Why a session cannot be had, or not now: what people are told, in one place for all that is done with sessions. */
import { AppError } from '../../protocol/errors.ts';
import type { StoredSession } from './sessionStore.ts';

export function notFound(): AppError {
  return new AppError('session.not_found', 'there is no such session');
}

export function goesOn(shardId: string, incarnation: number): AppError {
  return new AppError('session.revived', `this session goes on at ${shardId}`, {
    details: { shardId, incarnation: String(incarnation) },
  });
}

export function ownerAlive(shardId: string): AppError {
  return new AppError('session.owner_alive', `${shardId}, which has this session, is alive`, { details: { shardId } });
}

/** Why `expected` of a session cannot be followed, by its row. */
export function notLost({ shardId, incarnation, state }: StoredSession, expected: number): AppError {
  if (incarnation !== expected) return goesOn(shardId, incarnation);
  if (state === 'exited') return new AppError('session.not_running', 'its program has ended; open another session');
  if (state === 'hibernated')
    return new AppError('session.owner_alive', `${shardId} is ending its program still; wake it in a moment`);
  return ownerAlive(shardId);
}
