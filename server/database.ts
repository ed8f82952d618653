/** What a store throws when the database is away becomes a code that clients understand. */
import { isConnectionFailure } from '../db/connect.ts';
import { AppError } from '../protocol/errors.ts';

export function translateDatabase(error: unknown): unknown {
  if (error instanceof AppError || !isConnectionFailure(error)) return error;
  return new AppError('database.unavailable', 'the database does not answer right now; terminals go on', {
    cause: error,
  });
}
