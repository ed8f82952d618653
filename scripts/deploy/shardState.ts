/** Draining and counting on a shard by way of the database, which also works while no instance answers. */
import type pg from 'pg';
import { asAdmin } from '../../db/databases.ts';

/** Told to the shard at once; its people are told by it (`SHARD_CHANNEL` of the servers). */
const SHARD_CHANNEL = 'holdfast_shard';

/** False when there is no such shard, as before the first deployment. Set again, it keeps the time it was first set at. */
export function setDraining(connection: pg.ClientConfig, shardId: string, isDraining: boolean): Promise<boolean> {
  return asAdmin(connection, async (client) => {
    if (!(await hasShards(client))) return false;
    const since = isDraining ? 'coalesce(draining_since, now())' : 'null';
    const { rowCount } = await client.query(`update holdfast.shards set draining_since = ${since} where id = $1`, [
      shardId,
    ]);
    await client.query('select pg_notify($1, $2)', [SHARD_CHANNEL, shardId]);
    return rowCount === 1;
  });
}

/** Sessions of the shard whose program runs. */
export function liveSessions(connection: pg.ClientConfig, shardId: string): Promise<number> {
  return asAdmin(connection, async (client) => {
    if (!(await hasShards(client))) return 0;
    const { rows } = await client.query<{ count: string }>(
      `select count(*) from holdfast.sessions where shard_id = $1 and state in ('starting', 'running')`,
      [shardId],
    );
    return Number(rows[0]!.count);
  });
}

/** Whether the shard takes no new people. */
export function isDraining(connection: pg.ClientConfig, shardId: string): Promise<boolean> {
  return asAdmin(connection, async (client) => {
    if (!(await hasShards(client))) return false;
    const { rows } = await client.query('select 1 from holdfast.shards where id = $1 and draining_since is not null', [
      shardId,
    ]);
    return rows.length > 0;
  });
}

async function hasShards(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ known: boolean }>(
    `select to_regclass('holdfast.sessions') is not null as known`,
  );
  return rows[0]!.known;
}
