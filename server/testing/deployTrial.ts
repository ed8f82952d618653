/** The stand-in platform with a real PostgreSQL as its Lakebase, and `deploy-dual.sh` run against it as an admin would. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type pg from 'pg';
import { asAdmin, ensureDatabase } from '../../db/databases.ts';
import { startEmbedded } from '../../db/embedded.ts';
import { startPlatform, type Platform } from './platform/platform.ts';
import { ADMIN } from './platform/state.ts';

const root = resolve(import.meta.dirname, '../..');
export const BRANCH = 'projects/holdfast/branches/main';
const ENDPOINT = `${BRANCH}/endpoints/primary`;
export const INSTANCE = 'holdfast-db';
const DATABASE = 'databricks_postgres';
/** For a deployment beside the first one. */
export const SECOND_DATABASE = 'second';

/** So often a new release is asked. What is to fail for good fails so often and not once more: what is put back then is well. */
export const ATTEMPTS = 100;

export interface Run {
  code: number | null;
  output: string;
}

export interface Running {
  output(): string;
  /** As Ctrl-C would. */
  interrupt(): void;
  end: Promise<Run>;
}

export interface DeployTrial {
  platform: Platform;
  /** The database as its administrator sees it. */
  admin: pg.ClientConfig;
  /** Every password that was given out. */
  passwords: string[];
  /** Runs the script to its end. */
  deploy(args?: string[], environment?: Record<string, string>): Promise<Run>;
  /** Begins it, for who wants to look or to interrupt on the way. */
  begin(args: string[], environment?: Record<string, string>): Running;
  remove(): Promise<void>;
}

/** @param options.volumes Unity Catalog volumes that there are */
export async function startDeployTrial({ volumes = [] }: { volumes?: string[] } = {}): Promise<DeployTrial> {
  const folder = mkdtempSync(join(tmpdir(), 'hf-d-'));
  const server = await startEmbedded({
    dataDir: join(folder, 'data'),
    socketDir: folder,
    logFile: join(folder, 'postgres.log'),
    adminPassword: 'only-for-this-run',
    isDurable: false,
  });
  for (const name of [DATABASE, SECOND_DATABASE]) await ensureDatabase(server.connection(), name);
  const admin = server.connection(DATABASE);
  const roles = new Roles(admin, () => Object.values(platform.store.read().apps).map(({ app }) => app));
  const passwords: string[] = [];
  const place = { host: folder, port: 5432, sslMode: 'disable', state: 'ACTIVE' };
  const platform: Platform = await startPlatform({
    volumes,
    lakebase: {
      endpoints: { [ENDPOINT]: place },
      databases: { [`${BRANCH}/databases/databricks-postgres`]: DATABASE },
      instances: { [INSTANCE]: { ...place, state: 'AVAILABLE', capacity: 'CU_1' } },
    },
    giveCredential: async ({ role, ttlMs }) => {
      const token = `pw-${passwords.length}-${Math.random().toString(36).slice(2)}`;
      passwords.push(token);
      const expiresMs = Date.now() + (ttlMs ?? 3_600_000);
      await roles.login(role, token, expiresMs);
      return { token, expiresMs };
    },
  });
  const begin = (args: string[], environment: Record<string, string> = {}) =>
    start(args, {
      PATH: platform.path,
      HOME: process.env.HOME ?? '/',
      LAKEBASE_BRANCH: BRANCH,
      PGPORT: '5432',
      PGSSLMODE: 'disable',
      DEPLOY_POLL_MS: '100',
      DEPLOY_ATTEMPTS: String(ATTEMPTS),
      ...environment,
    });
  return {
    platform,
    admin,
    passwords,
    begin,
    deploy: (args = [], environment = {}) => begin(args, environment).end,
    async remove() {
      await platform.close();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The platform makes a role for each service principal whose app has the database; so does this, when anyone logs in. */
class Roles {
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly admin: pg.ClientConfig,
    private readonly apps: () => { service_principal_client_id?: string }[],
  ) {}

  login(role: string, password: string, expiresMs: number): Promise<void> {
    const work = this.#turn.then(() =>
      asAdmin(this.admin, async (client) => {
        const principals = this.apps().flatMap(({ service_principal_client_id: id }) => (id ? [id] : []));
        for (const name of new Set([ADMIN, role, ...principals])) await this.#make(client, name);
        const secret = client.escapeLiteral(password);
        const until = new Date(expiresMs).toISOString();
        await client.query(`alter role ${client.escapeIdentifier(role)} password ${secret} valid until '${until}'`);
      }),
    );
    this.#turn = work.catch(() => undefined);
    return work;
  }

  async #make(client: pg.Client, name: string): Promise<void> {
    const { rowCount } = await client.query('select 1 from pg_roles where rolname = $1', [name]);
    if (rowCount !== 0) return;
    await client.query(`create role ${client.escapeIdentifier(name)} login noinherit`);
    for (const database of [DATABASE, SECOND_DATABASE])
      await client.query(`grant connect, create on database ${database} to ${client.escapeIdentifier(name)}`);
  }
}

function start(args: string[], environment: Record<string, string>): Running {
  const child = spawn('bash', [join(root, 'deploy-dual.sh'), ...args], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (output += text.toString()));
  const end = new Promise<Run>((resolve) => child.once('close', (code) => resolve({ code, output })));
  return { output: () => output, interrupt: () => child.kill('SIGINT'), end };
}
