/** Databases of a server, made and dropped. */
import pg from 'pg';
import { clientConfig, type Connection } from './connect.ts';

/** Does nothing when there is one of this name. */
export async function ensureDatabase(admin: Connection, name: string): Promise<void> {
  await asAdmin(admin, async (client) => {
    const found = await client.query('select 1 from pg_database where datname = $1', [name]);
    if (found.rowCount === 0) await client.query(`create database ${client.escapeIdentifier(name)}`);
  });
}

/** A copy of a database to which nobody is connected. */
export async function cloneDatabase(admin: Connection, template: string, name: string): Promise<void> {
  await asAdmin(admin, async (client) => {
    await client.query(
      `create database ${client.escapeIdentifier(name)} template ${client.escapeIdentifier(template)}`,
    );
  });
}

/** Cuts off whoever is still connected. */
export async function dropDatabase(admin: Connection, name: string): Promise<void> {
  await asAdmin(admin, async (client) => {
    await client.query(`drop database if exists ${client.escapeIdentifier(name)} with (force)`);
  });
}

export async function asAdmin<Result>(
  admin: Connection,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({ ...clientConfig(admin, 'holdfast admin'), connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined); // the query in progress fails, too
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
