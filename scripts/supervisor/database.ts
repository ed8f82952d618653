/** The database of an instance, embedded or given: brought up, migrated, with a URL for each principal. */
import { connect, isConnectionFailure, type Connection } from '../../db/connect.ts';
import { ensureDatabase } from '../../db/databases.ts';
import { startEmbedded } from '../../db/embedded.ts';
import type { EmbeddedServer } from '../../db/embedded/server.ts';
import { ensurePrincipals, roleOf } from '../../db/grants.ts';
import { AppError } from '../../protocol/errors.ts';
import { Backoff } from './backoff.ts';
import type { Settings } from './env.ts';
import type { Home } from './home.ts';
import { rotateLog } from './logFile.ts';
import { say } from './progress.ts';
import type { Secrets } from './secrets.ts';

export const DATABASE_NAME = 'holdfast';

export interface Database {
  /** The administrator's. */
  connection: Connection;
  describe(): string;
  /** The URL of each instance, by its id. False in `hasOwnRoles` when all share the administrator's. */
  principals(shardIds: string[]): Promise<{ urls: Record<string, string>; hasOwnRoles: boolean }>;
  stop(isForced?: boolean): Promise<void>;
}

export function openDatabase(settings: Settings, home: Home, secrets: Secrets): Promise<Database> {
  return settings.databaseUrl === undefined
    ? openEmbedded(settings, home, secrets)
    : openGiven(settings.databaseUrl, secrets);
}

async function openGiven(url: string, secrets: Secrets): Promise<Database> {
  await probe(url);
  return {
    connection: url,
    describe: () => 'the one of DATABASE_URL',
    async principals(shardIds) {
      const ownUrl = (role: string, password: string) =>
        url.replace(/\/\/([^@/]*@)?/, `//${role}:${encodeURIComponent(password)}@`);
      const urls = await principalUrls(url, secrets, shardIds, ownUrl);
      const hasOwnRoles = urls !== null && (await canAllConnect(Object.values(urls)));
      return { hasOwnRoles, urls: hasOwnRoles ? urls : shared(url, shardIds) };
    },
    stop: () => Promise.resolve(),
  };
}

async function openEmbedded(settings: Settings, home: Home, secrets: Secrets): Promise<Database> {
  const { PATH, TZ } = settings.childEnvironment;
  const options = {
    dataDir: home.data,
    socketDir: home.run,
    logFile: `${home.logs}/postgres.log`,
    adminPassword: secrets.adminPassword,
    environment: { ...(PATH ? { PATH } : {}), ...(TZ ? { TZ } : {}) },
  };
  rotateLog(options.logFile);
  const keeper = new Keeper(() => startEmbedded(options));
  const server = await keeper.start();
  await ensureDatabase(server.connection(), DATABASE_NAME);
  return {
    connection: server.connection(DATABASE_NAME),
    describe: () => (server.isAdopted ? 'embedded PostgreSQL, still running, adopted' : 'embedded PostgreSQL'),
    async principals(shardIds) {
      const ownUrl = (role: string, password: string) => server.url(role, password, DATABASE_NAME);
      const urls = await principalUrls(server.connection(DATABASE_NAME), secrets, shardIds, ownUrl);
      if (!urls) throw new AppError('database.unavailable', 'The roles of the embedded database cannot be made.');
      return { urls, hasOwnRoles: true };
    },
    stop: (isForced) => keeper.stop(isForced),
  };
}

/** Starts the embedded server again when it dies. */
class Keeper {
  #server: EmbeddedServer | null = null;
  #isStopping = false;
  #startedAt = 0;
  #starting: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  readonly #backoff = new Backoff();

  constructor(readonly launch: () => Promise<EmbeddedServer>) {}

  async start(): Promise<EmbeddedServer> {
    const server = await this.launch();
    this.#server = server;
    this.#startedAt = Date.now();
    server.onExit(() => this.#restartLater(`PostgreSQL ended`, Date.now() - this.#startedAt));
    return server;
  }

  async stop(isForced = false): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#timer);
    await this.#starting;
    await this.#server?.stop(isForced);
  }

  #restartLater(what: string, livedMs: number): void {
    if (this.#isStopping) return;
    const waitMs = this.#backoff.after(livedMs);
    say(`  ${what}; starting it again in ${waitMs / 1000} s.`);
    this.#timer = setTimeout(() => {
      this.#starting = this.start().catch((error: Error) => this.#restartLater(error.message, 0));
    }, waitMs);
  }
}

async function principalUrls(
  admin: Connection,
  secrets: Secrets,
  shardIds: string[],
  ownUrl: (role: string, password: string) => string,
): Promise<Record<string, string> | null> {
  const instances = ['frontend', ...shardIds];
  const principals = instances.map((instance) => ({
    role: roleOf(instance),
    password: secrets.databasePasswords[instance]!,
    kind: instance === 'frontend' ? ('frontend' as const) : ('backend' as const),
  }));
  if (!(await ensurePrincipals(admin, principals))) return null;
  return Object.fromEntries(principals.map(({ role, password }, index) => [instances[index]!, ownUrl(role, password)]));
}

const shared = (url: string, shardIds: string[]) =>
  Object.fromEntries(['frontend', ...shardIds].map((instance) => [instance, url]));

/** A server's rules may know only certain roles. */
async function canAllConnect(urls: string[]): Promise<boolean> {
  const results = await Promise.all(
    urls.map((url) =>
      probe(url).then(
        () => true,
        () => false,
      ),
    ),
  );
  return results.every(Boolean);
}

async function probe(url: string): Promise<void> {
  const knex = connect(url, { poolMax: 1 });
  try {
    await knex.raw('select 1');
  } catch (error) {
    const what = isConnectionFailure(error) ? 'cannot be reached' : 'refuses us';
    throw new AppError('database.unavailable', `The database of DATABASE_URL ${what}: ${(error as Error).message}.`, {
      cause: error,
    });
  } finally {
    await knex.destroy();
  }
}
