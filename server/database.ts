/** The way to the database; and what a store throws when it is away becomes a code that clients understand. */
import type { Knex } from 'knex';
import { connect, isConnectionFailure, type Connection } from '../db/connect.ts';
import { listen, type Listener } from '../db/listen.ts';
import { isLoginRefused } from '../db/login.ts';
import { AppError } from '../protocol/errors.ts';
import type { Clock } from './base/clock.ts';
import type { BackendConfig, FrontendConfig } from './config.ts';
import { lakebaseConnection } from './databricks/lakebase.ts';
import { principalTokens, WorkspaceClient } from './databricks/workspaceClient.ts';

export interface Database {
  knex: Knex;
  listen(channel: string, onNotify: (payload: string | null) => void): Listener;
}

/** Connects when it is first asked something. */
export function openDatabase(config: BackendConfig | FrontendConfig, clock: Clock): Database {
  const connection = connectionOf(config.database, clock);
  return {
    knex: connect(connection, { applicationName: config.APP_INSTANCE, ...config.pool }),
    listen: (channel, onNotify) => listen(connection, channel, onNotify, config.pool.connectTimeoutMs),
  };
}

function connectionOf(database: BackendConfig['database'], clock: Clock): Connection {
  if ('url' in database) return database.url;
  const { principal, ...place } = database.lakebase;
  const workspace = new WorkspaceClient(principal.host, principalTokens(principal, clock), clock);
  return lakebaseConnection(place, workspace, clock);
}

export function translateDatabase(error: unknown): unknown {
  // A login that stays refused, also with a fresh credential, is nothing that the caller could mend either.
  if (error instanceof AppError || !(isConnectionFailure(error) || isLoginRefused(error))) return error;
  return new AppError('database.unavailable', 'the database does not answer right now; terminals go on', {
    cause: error,
  });
}
