/** Migrations up and down, one process at a time. */
import type { Knex } from 'knex';
import pg from 'pg';
import { clientConfig, connect, SCHEMA, type Connection } from './connect.ts';
import { migrationSource } from './migrations/index.ts';

export interface MigrationStatus {
  done: string[];
  pending: string[];
}

/** Arbitrary, but the same in every release: two releases that start at once must exclude each other. */
const ADVISORY_LOCK = 7_236_001;
const settings: Knex.MigratorConfig = { migrationSource, schemaName: SCHEMA };

/** Returns the names that were applied; none when everything was done already, by us or by another process. */
export function migrateLatest(connection: Connection): Promise<string[]> {
  return exclusively(connection, async (knex) => {
    const [, applied] = (await knex.migrate.latest(settings)) as [number, string[]];
    return applied;
  });
}

/** Takes back everything, or the last step only; returns the names taken back. */
export function migrateDown(connection: Connection, options: { all: boolean }): Promise<string[]> {
  return exclusively(connection, async (knex) => {
    const step = options.all ? knex.migrate.rollback(settings, true) : knex.migrate.down(settings);
    const [, reverted] = (await step) as [number, string[]];
    return reverted;
  });
}

export function status(connection: Connection): Promise<MigrationStatus> {
  return exclusively(connection, async (knex) => {
    const [done, pending] = (await knex.migrate.list(settings)) as [{ name: string }[], [string, unknown][]];
    return { done: done.map(({ name }) => name), pending: pending.map(([name]) => name) };
  });
}

/**
 * The advisory lock ends with its connection, so a killed migration never blocks the next one; Knex's own lock, a row, would.
 * Whoever holds ours knows that nobody else migrates and frees that row.
 */
async function exclusively<Result>(connection: Connection, work: (knex: Knex) => Promise<Result>): Promise<Result> {
  const guard = new pg.Client({ ...clientConfig(connection, 'holdfast migrations'), connectionTimeoutMillis: 5_000 });
  guard.on('error', () => undefined); // work on the other connection fails then, too
  await guard.connect();
  const knex = connect(connection, { applicationName: 'holdfast migrations', poolMax: 2, statementTimeoutMs: 0 });
  try {
    await guard.query('select pg_advisory_lock($1)', [ADVISORY_LOCK]);
    await createSchema(guard);
    await knex.migrate.forceFreeMigrationsLock(settings);
    return await work(knex);
  } finally {
    await knex.destroy();
    await guard.end();
  }
}

/** Asks first, because `if not exists` wants the right to create even when there is nothing to do. */
async function createSchema(client: pg.Client): Promise<void> {
  const found = await client.query('select 1 from pg_namespace where nspname = $1', [SCHEMA]);
  if (found.rowCount === 0) await client.query(`create schema ${SCHEMA}`);
}
