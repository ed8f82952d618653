/** Lakebase, Databricks' PostgreSQL: its passwords are credentials of the workspace, good for an hour and asked for at login only. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { LoginConfig } from '../../db/login.ts';
import type { Clock } from '../base/clock.ts';
import { TokenSource, type Expiring } from './tokenSource.ts';
import type { WorkspaceClient } from './workspaceClient.ts';

/** Databricks' own driver asks anew this long before the end. */
const AHEAD_MS = 2 * 60_000;
const Autoscaling = z.object({ token: z.string().min(1), expire_time: z.iso.datetime({ offset: true }) });
const Provisioned = z.object({ token: z.string().min(1), expiration_time: z.iso.datetime({ offset: true }) });

/** Which of the two products, and what its credential is asked for. */
export type LakebaseProduct = { endpoint: string } | { instance: string };

export interface LakebasePlace {
  host: string;
  port: number;
  database: string;
  user: string;
  sslMode: 'require' | 'prefer' | 'disable';
  product: LakebaseProduct;
}

/** Options of pg, whose password is asked for once per physical connection. */
export function lakebaseConnection(place: LakebasePlace, workspace: WorkspaceClient, clock: Clock): LoginConfig {
  const { host, port, database, user, sslMode, product } = place;
  return { host, port, database, user, ssl: sslOf(sslMode), ...lakebasePassword(product, workspace, clock) };
}

/** One credential for all logins of this process until shortly before its end, or until it is refused. */
export function lakebasePassword(product: LakebaseProduct, workspace: WorkspaceClient, clock: Clock) {
  const credentials = new TokenSource(() => askForCredential(product, workspace), clock, AHEAD_MS);
  return { password: () => credentials.get(), onRefused: (password: string) => credentials.reject(password) };
}

/** Asked twice it gives two credentials, which does no harm: a busy workspace is asked again. */
async function askForCredential(product: LakebaseProduct, workspace: WorkspaceClient): Promise<Expiring> {
  if ('endpoint' in product) {
    const options = { body: { endpoint: product.endpoint }, isIdempotent: true };
    const answer = Autoscaling.parse(await workspace.json('POST', '/api/2.0/postgres/credentials', options));
    return { value: answer.token, expiresAt: Date.parse(answer.expire_time) };
  }
  const options = { body: { instance_names: [product.instance], request_id: randomUUID() }, isIdempotent: true };
  const answer = Provisioned.parse(await workspace.json('POST', '/api/2.0/database/credentials', options));
  return { value: answer.token, expiresAt: Date.parse(answer.expiration_time) };
}

/** As Databricks' own driver reads PGSSLMODE, which is stricter than libpq: `require` verifies. */
function sslOf(mode: LakebasePlace['sslMode']): LoginConfig['ssl'] {
  return { require: { rejectUnauthorized: true }, prefer: { rejectUnauthorized: false }, disable: false }[mode];
}
