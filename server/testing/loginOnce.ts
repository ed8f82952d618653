/**
 * Logs in to a Lakebase once, in a process of its own: which authorities Node trusts is decided when it starts.
 * `loginOnce.ts HOST PORT USER PASSWORD SSLMODE` prints as JSON whether the line was encrypted, or what the caller of a store is told.
 */
import { connect } from '../../db/connect.ts';
import { systemClock } from '../base/clock.ts';
import { translateDatabase } from '../database.ts';
import { lakebaseConnection, type LakebasePlace } from '../databricks/lakebase.ts';
import { WorkspaceClient } from '../databricks/workspaceClient.ts';

type Mode = LakebasePlace['sslMode'];
const [host, port, user, password, sslMode] = process.argv.slice(2) as [string, string, string, string, Mode];
const place = { host, port: Number(port), database: 'postgres', user, sslMode, product: { instance: 'any' } };
const nobody = new WorkspaceClient('https://localhost', undefined as never, systemClock);
const knex = connect({ ...lakebaseConnection(place, nobody, systemClock), password: () => password });
try {
  const { rows } = await knex.raw<{ rows: { ssl: boolean }[] }>(
    'select ssl from pg_stat_ssl where pid = pg_backend_pid()',
  );
  console.log(JSON.stringify({ isEncrypted: rows[0]!.ssl }));
} catch (error) {
  const { code, cause } = translateDatabase(error) as Error & { code?: string; cause?: Error };
  console.log(JSON.stringify({ code, why: cause?.message ?? String(error) }));
}
await knex.destroy();
