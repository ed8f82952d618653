/** Really runs what is deployed to the stand-in platform: one process per app, with the platform's environment and its states. */
import { execFile } from 'node:child_process';
import { appendFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../freePorts.ts';
import { BUILD_PATH, installPackages, makeDisk, type AppDisk } from './appDisk.ts';
import { parseAppYaml, postgresEnv, resolvedEnv, SpecError } from './appYaml.ts';
import { Container } from './container.ts';
import type { Target } from './ingressRequest.ts';
import { endDeployment, takeOutcome } from './settle.ts';
import type { App, AppRecord, Deployment, PlatformState } from './state.ts';
import type { PlatformStore } from './store.ts';
import { WorkspaceTree } from './workspaceTree.ts';

const LOOK_MS = 30;
/**
 * The address that stands for the container's own: what listens on 127.0.0.1 alone is not reached by it, as on the platform.
 * Only Linux has the whole of 127.0.0.0/8.
 */
const CONTAINER_ADDRESS = process.platform === 'linux' ? '127.0.0.2' : '127.0.0.1';

export interface RunnerOptions {
  /** From SIGTERM to SIGKILL; the platform's is 15 s. */
  graceMs: number;
  /** Until the app must listen; the platform's is 10 min. */
  startLimitMs: number;
  /** The container before is forgotten: it goes on beside the new one until it ends by itself. Nothing is promised about it. */
  isForgetful: boolean;
}

interface Running {
  container: Container;
  disk: AppDisk;
  port: number;
  env: Record<string, string>;
}

export class AppRunner {
  #running = new Map<string, Running>();
  #forgotten = new Set<Running>();
  /** Apps with something under way, so that nothing is begun twice. */
  #busy = new Map<string, Promise<void>>();
  #timer: NodeJS.Timeout;
  #count = 0;

  constructor(
    private readonly store: PlatformStore,
    private options: RunnerOptions,
  ) {
    store.update(({ settings }) => (settings.hasRunner = true));
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  /** Where the app is reached from outside of its container; null while nothing runs. */
  targetOf(name: string): Target | null {
    const running = this.#running.get(name);
    return running && !running.container.hasEnded ? { host: CONTAINER_ADDRESS, port: running.port } : null;
  }

  /** The app's own port: whoever runs inside of its container reaches it, past the ingress. */
  portOf(name: string): number {
    return this.#get(name).port;
  }

  /** What the process was started with. */
  envOf(name: string): Record<string, string> {
    return this.#get(name).env;
  }

  diskOf(name: string): string {
    return this.#get(name).disk.root;
  }

  /** Changes what is named, for what begins from now on. */
  set(options: Partial<RunnerOptions>): void {
    this.options = { ...this.options, ...options };
  }

  /** The container is lost without a word; the platform shows the app as crashed. */
  async kill(name: string): Promise<void> {
    await this.#get(name).container.kill();
  }

  /** Ends every process and removes every disk. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#busy.values());
    await Promise.all([...this.#running.keys()].map((name) => this.#end(name)));
    await Promise.all([...this.#forgotten].map((running) => this.#dispose(running)));
  }

  #get(name: string): Running {
    const running = this.#running.get(name);
    if (!running) throw new Error(`app ${name} does not run`);
    return running;
  }

  #look(): void {
    const { apps } = this.store.peek();
    for (const [name, { app }] of Object.entries(apps)) {
      if (this.#busy.has(name)) continue;
      const pending = app.pending_deployment;
      if (pending?.status.state === 'IN_PROGRESS') this.#occupy(name, () => this.#deploy(name, pending));
      else if (app.compute_status.state === 'STOPPING') this.#occupy(name, () => this.#stop(name));
    }
    for (const name of this.#running.keys())
      if (!apps[name] && !this.#busy.has(name)) this.#occupy(name, () => this.#end(name));
  }

  #occupy(name: string, action: () => Promise<void>): void {
    this.#busy.set(
      name,
      action().finally(() => this.#busy.delete(name)),
    );
  }

  async #deploy(name: string, deployment: Deployment): Promise<void> {
    this.#log(name, 'SYSTEM', `Deployment ${deployment.deployment_id} of ${deployment.source_code_path}`);
    const disk = makeDisk(join(this.store.folder, 'a', String(++this.#count)), this.#release(deployment));
    let before: Running | undefined;
    try {
      const state = this.store.read();
      const { app } = state.apps[name]!;
      const spec = parseAppYaml(this.#appYaml(deployment));
      const port = await freePort();
      const env = { ...platformEnv(state, app, disk, port), ...resolvedEnv(state, app, spec, deployment) };
      const manifest = installPackages(disk.source, env['NODE_ENV'] === 'production');
      if (manifest?.scripts?.['build'] !== undefined) await build(disk.source, env);
      const command = commandOf(deployment.command ?? spec.command, port);
      // Only now: what cannot be built leaves the one before running.
      if (this.options.isForgetful) before = this.#running.get(name);
      else await this.#end(name);
      this.#run(name, command, { disk, port, env });
    } catch (error) {
      rmSync(disk.root, { recursive: true, force: true });
      if (!(error instanceof SpecError)) this.#log(name, 'SYSTEM', String((error as Error).stack));
      this.#log(name, 'SYSTEM', (error as Error).message);
      this.#change(name, (record) => endDeployment(record, 'FAILED', (error as Error).message));
      return;
    }
    this.#change(name, (record) => endDeployment(record, 'SUCCEEDED', 'App started successfully'));
    if (before) this.#forgotten.add(before);
    await this.#watchStart(name);
  }

  #run(name: string, command: string[], facts: Omit<Running, 'container'>): void {
    const container = new Container({
      command,
      cwd: facts.disk.source,
      env: facts.env,
      disk: facts.disk.root,
      onOutput: (line) => this.#log(name, 'APP', line),
      onEnd: (how) => {
        this.#log(name, 'SYSTEM', `The app's process ended: ${how}`);
        if (this.#running.get(name)?.container === container) this.#crashed(name, `App crashed unexpectedly (${how}).`);
      },
    });
    this.#running.set(name, { ...facts, container });
  }

  /** RUNNING when it listens where it should. A scripted crash is a real one: the process is killed. */
  async #watchStart(name: string): Promise<void> {
    const running = this.#get(name);
    const crash = this.store.update((state) => takeOutcome(state, `app ${name}`));
    if (crash) await running.container.kill();
    const deadline = Date.now() + this.options.startLimitMs;
    while (!running.container.hasEnded) {
      if (await listens({ host: CONTAINER_ADDRESS, port: running.port })) {
        const status = { state: 'RUNNING', message: 'App has status: App is running' };
        return this.#change(name, ({ app }) => (app.app_status = status));
      }
      if (Date.now() > deadline) {
        this.#crashed(name, 'App did not start listening in time.');
        return running.container.kill();
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    this.#crashed(name, crash?.message ?? 'App crashed unexpectedly. Please check /logz for more details.');
  }

  #crashed(name: string, message: string): void {
    this.#change(name, ({ app }) => {
      // The first reason is the one to tell.
      if (app.app_status.state !== 'CRASHED') app.app_status = { state: 'CRASHED', message };
    });
  }

  #change(name: string, change: (record: AppRecord) => void): void {
    this.store.update((state) => state.apps[name] && change(state.apps[name]));
  }

  async #stop(name: string): Promise<void> {
    await this.#end(name);
    this.#change(name, ({ app }) => (app.compute_status = { state: 'STOPPED', message: 'App compute is stopped.' }));
  }

  async #end(name: string): Promise<void> {
    const running = this.#running.get(name);
    if (!running) return;
    this.#running.delete(name);
    await this.#dispose(running);
  }

  async #dispose({ container, disk }: Running): Promise<void> {
    await container.stop(this.options.graceMs);
    rmSync(disk.root, { recursive: true, force: true, maxRetries: 10 });
  }

  #log(name: string, source: 'APP' | 'SYSTEM', line: string): void {
    appendFileSync(join(this.store.folder, 'logs', `${name}.log`), `${new Date().toISOString()} [${source}] ${line}\n`);
  }

  get #tree(): WorkspaceTree {
    return new WorkspaceTree(join(this.store.folder, 'workspace'), () => true);
  }

  #release({ source_code_path: path }: Deployment): string {
    return this.#tree.real(path);
  }

  #appYaml({ source_code_path: path }: Deployment): string | null {
    return this.#tree.readText(`${path}/app.yaml`) ?? this.#tree.readText(`${path}/app.yml`);
  }
}

/** Databricks documentation, "Databricks Apps environment": what every app is given. */
function platformEnv(state: PlatformState, app: App, disk: AppDisk, port: number): Record<string, string> {
  const { workspaceId, host, apiUrl } = state.settings;
  const principal = state.principals.find(({ userName }) => userName === app.service_principal_client_id)!;
  return {
    // The node that runs the tests stands for the platform's.
    PATH: [dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin'].join(delimiter),
    HOME: disk.home,
    TMPDIR: disk.tmp,
    LANG: 'C.UTF-8',
    DATABRICKS_APP_NAME: app.name,
    DATABRICKS_WORKSPACE_ID: workspaceId,
    DATABRICKS_HOST: apiUrl ?? host,
    DATABRICKS_APP_PORT: String(port),
    DATABRICKS_CLIENT_ID: app.service_principal_client_id,
    DATABRICKS_CLIENT_SECRET: principal.clientSecret!,
    ...postgresEnv(state, app),
  };
}

/** No shell: of all variables only this one is replaced. */
function commandOf(command: string[] | null, port: number): string[] {
  const words = command ?? ['npm', 'run', 'start'];
  return words.map((word) => word.replaceAll(/\$\{?DATABRICKS_APP_PORT\b\}?/g, String(port)));
}

async function build(cwd: string, env: Record<string, string>): Promise<void> {
  const path = [BUILD_PATH, env['PATH']].join(delimiter);
  await promisify(execFile)('npm', ['run', 'build'], { cwd, env: { ...env, PATH: path } }).catch((error: Error) => {
    throw new SpecError(`npm run build failed: ${error.message}`);
  });
}

function listens(target: Target): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(target);
    const say = (does: boolean) => {
      socket.destroy();
      resolve(does);
    };
    socket.once('connect', () => say(true));
    socket.once('error', () => say(false));
  });
}
