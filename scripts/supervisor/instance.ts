/** One running Holdfast: its database, backends and frontend, started in order and ended in reverse. */
import { rmSync } from 'node:fs';
import { migrateLatest } from '../../db/migrate.ts';
import { Child } from './child.ts';
import { openDatabase, type Database } from './database.ts';
import type { Settings } from './env.ts';
import { locateHome, prepareHome, type Home } from './home.ts';
import { BACKEND_HOST, backendSpec, frontendSpec, type Plan } from './instances.ts';
import { createSignInLink } from './links.ts';
import { releaseLock, takeLock } from './lock.ts';
import { checkPorts } from './ports.ts';
import { describeHost, endChildren, endHosts, leftoverChildren, runningHosts, writeChildren } from './processes.ts';
import { say, step } from './progress.ts';
import { untilReady } from './ready.ts';
import { ensureSecrets, type Secrets } from './secrets.ts';

export class Instance {
  readonly #home: Home;
  #hasLock = false;
  #isForced = false;
  #database: Database | null = null;
  #frontend: Child | null = null;
  #backends: Child[] = [];

  constructor(
    readonly settings: Settings,
    readonly dist: string,
  ) {
    this.#home = locateHome(settings.home);
  }

  /** Rejects with the reason when anything does not come up, or when `signal` is aborted; call `stop` then as well. */
  async start(signal: AbortSignal): Promise<void> {
    const { settings } = this;
    const home = prepareHome(settings.home);
    takeLock(home.lockFile, {
      url: this.#origin,
      authMode: settings.authMode,
      email: settings.email,
      isDatabaseEmbedded: settings.databaseUrl === undefined,
    });
    this.#hasLock = true;
    await this.#endLeftovers();
    await this.#checkPorts();
    const secrets = ensureSecrets(
      home.secretsFile,
      settings.shards.map(({ id }) => id),
    );
    await this.#startDatabase(secrets);
    signal.throwIfAborted();
    const databaseUrls = await this.#prepareDatabase();
    signal.throwIfAborted();
    const plan = { settings, home, secrets, dist: this.dist, databaseUrls };
    this.#tellOrphans();
    await this.#startBackends(plan, signal);
    await this.#startFrontend(plan, signal);
    await this.#announce();
  }

  /** With `keepsHosts` the sessions of an earlier life go on: a start that failed must not end them. */
  async stop({ keepsHosts }: { keepsHosts: boolean }): Promise<void> {
    if (!this.#hasLock) return;
    await this.#frontend?.stop(this.#isForced);
    await Promise.all(this.#backends.map((backend) => backend.stop(this.#isForced)));
    if (!keepsHosts) await endHosts(this.#home, this.#isForced);
    await this.#database?.stop(this.#isForced);
    if (runningHosts(this.#home).length === 0) rmSync(this.#home.run, { recursive: true, force: true });
    rmSync(this.#home.childrenFile, { force: true });
    releaseLock(this.#home.lockFile);
  }

  /** Starts these again with what their programs are now. Their sessions go on. */
  async restart(isMeant: (instance: string) => boolean): Promise<void> {
    await Promise.all(this.#children.filter(({ spec }) => isMeant(spec.instance)).map((child) => child.restart()));
  }

  /** Ends the pty hosts and with them every session; the backends start others. */
  async replaceHosts(): Promise<void> {
    for (const host of runningHosts(this.#home)) say(`  Ending the ${describeHost(host)}`);
    await endHosts(this.#home);
  }

  /** Makes a stop that is under way end everything at once. */
  force(): void {
    this.#isForced = true;
    for (const child of this.#children) void child.stop(true);
  }

  get #children(): Child[] {
    return this.#frontend ? [this.#frontend, ...this.#backends] : this.#backends;
  }

  get #origin(): string {
    return this.settings.publicUrl?.replace(/\/+$/, '') ?? `http://localhost:${this.settings.port}`;
  }

  /** A killed launcher's children end by themselves, but they may still hold the ports. */
  async #endLeftovers(): Promise<void> {
    const leftovers = leftoverChildren(this.#home);
    if (leftovers.length === 0) return;
    await step('leftovers', async () => {
      await endChildren(leftovers);
      return `ended ${leftovers.map(({ instance }) => instance).join(', ')} of an earlier start`;
    });
  }

  /** Hosts of shards that are no longer configured: no backend will come back to them. */
  #tellOrphans(): void {
    const ids = new Set(this.settings.shards.map(({ id }) => id));
    const orphans = runningHosts(this.#home).filter(({ shardId }) => !ids.has(shardId));
    for (const host of orphans) say(`  Without a backend, because SHARDS is lower now: ${describeHost(host)}`);
    if (orphans.length > 0) say('  Raise SHARDS to use them again; "npm run stop" ends them with everything else.');
  }

  #checkPorts(): Promise<void> {
    const { host, port, shards } = this.settings;
    const backends = shards.map((shard, index) => ({
      variable: `BACKEND_${index + 1}_PORT`,
      port: shard.port,
      host: BACKEND_HOST,
    }));
    return checkPorts([{ variable: 'PORT', port, host }, ...backends]);
  }

  #startDatabase(secrets: Secrets): Promise<void> {
    return step('database', async () => {
      this.#database = await openDatabase(this.settings, this.#home, secrets);
      return this.#database.describe();
    });
  }

  async #prepareDatabase(): Promise<Record<string, string>> {
    const database = this.#database!;
    await step('migrations', async () => {
      const applied = await migrateLatest(database.connection);
      return applied.length > 0 ? `${applied.length} applied` : 'up to date';
    });
    let urls: Record<string, string> = {};
    await step('roles', async () => {
      const principals = await database.principals(this.settings.shards.map(({ id }) => id));
      urls = principals.urls;
      return principals.hasOwnRoles ? 'one for each instance' : 'all instances share the role of DATABASE_URL';
    });
    return urls;
  }

  async #startBackends(plan: Plan, signal: AbortSignal): Promise<void> {
    this.#backends = plan.settings.shards.map(
      (shard) => new Child(backendSpec(plan, shard), () => this.#noteChildren()),
    );
    for (const backend of this.#backends) backend.start();
    await Promise.all(
      this.#backends.map((backend, index) =>
        this.#waitFor(backend, BACKEND_HOST, plan.settings.shards[index]!.port, signal),
      ),
    );
  }

  async #startFrontend(plan: Plan, signal: AbortSignal): Promise<void> {
    const { host, port } = plan.settings;
    this.#frontend = new Child(frontendSpec(plan), () => this.#noteChildren());
    this.#frontend.start();
    await this.#waitFor(this.#frontend, host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host, port, signal);
  }

  #waitFor(child: Child, host: string, port: number, signal: AbortSignal): Promise<void> {
    return step(child.spec.instance, async () => {
      await untilReady(child, `http://${host.includes(':') ? `[${host}]` : host}:${port}`, signal);
      return `ready on port ${port}`;
    });
  }

  #noteChildren(): void {
    writeChildren(
      this.#home,
      this.#children.flatMap((child) => child.identity ?? []),
    );
  }

  async #announce(): Promise<void> {
    const { authMode, email, port, trustedProxySecret } = this.settings;
    if (authMode === 'proxy') {
      const whoever = trustedProxySecret ? 'whoever knows TRUSTED_PROXY_SECRET' : `anyone who reaches port ${port}`;
      say(
        `Warning: AUTH_MODE=proxy believes X-Forwarded-Email, so ${whoever} can be anyone, and all people share one system account.`,
      );
      say(`Holdfast is ready: ${this.#origin}/`);
      return;
    }
    say(`Holdfast is ready: ${await createSignInLink(this.#database!.connection, email, this.#origin)}`);
  }
}
