/** Apps on the platform: created, brought to what they should be, waited for, deployed. */
import { AppError } from '../../protocol/errors.ts';
import { CliError, type Cli } from './cli.ts';
import type { Interruption } from './interruption.ts';

/** A resource of an app: its name, and one key that says what kind it is (`app`, `secret`, `postgres`, …). */
export type Resource = { name: string } & Record<string, unknown>;

/** What is read of the platform's word on an app (Apps API, `GET /api/2.0/apps/{name}`). */
export interface App {
  name: string;
  url?: string;
  description?: string;
  compute_size?: string;
  compute_status?: { state: string; message?: string };
  app_status?: { state: string; message?: string };
  active_deployment?: Deployment;
  pending_deployment?: Deployment;
  service_principal_client_id?: string;
  service_principal_id?: number;
  resources?: Resource[];
}

export interface Deployment {
  deployment_id?: string;
  source_code_path?: string;
  status?: { state: string; message?: string };
  create_time?: string;
}

/** What an app should be. */
export interface AppPlan {
  name: string;
  description: string;
  computeSize: string;
  resources: Resource[];
}

/** Creating compute and installing packages take minutes; more than this is a failure. */
const PATIENCE_MS = 20 * 60_000;
const MAX_POLL_MS = 10_000;

export class Apps {
  /** @param pollMs before the first question; each next comes half as late again, up to MAX_POLL_MS */
  constructor(
    private readonly cli: Cli,
    private readonly pollMs: number,
    private readonly interruption: Interruption,
  ) {}

  async find(name: string): Promise<App | undefined> {
    try {
      return await this.cli.read<App>(['apps', 'get', name]);
    } catch (error) {
      if (error instanceof CliError && error.isMissing) return undefined;
      throw error;
    }
  }

  /** The app, made if there is none. One that is being deleted is waited for, because its name is taken until then. */
  async ensure(plan: AppPlan): Promise<{ app: App; isNew: boolean }> {
    const found = await this.#untilNotDeleting(plan.name);
    if (found) return { app: found, isNew: false };
    const body = {
      name: plan.name,
      description: plan.description,
      compute_size: plan.computeSize,
      resources: plan.resources,
    };
    try {
      const app = await this.cli.write<App>(['apps', 'create', '--no-wait'], { json: body }, () => plannedApp(plan));
      return { app, isNew: true };
    } catch (error) {
      // Somebody else made it a moment ago.
      if (!(error instanceof CliError && error.isTaken)) throw error;
      return { app: (await this.find(plan.name))!, isNew: false };
    }
  }

  /**
   * Puts right what differs. A field in the mask is replaced whole, so resources that others added go along.
   * @returns the names of the fields that were changed
   */
  async reconcile(app: App, plan: AppPlan): Promise<string[]> {
    const resources = merged(app.resources ?? [], plan.resources);
    const drift = {
      ...(app.compute_size === plan.computeSize ? {} : { compute_size: plan.computeSize }),
      ...(app.description === plan.description ? {} : { description: plan.description }),
      ...(isSame(app.resources ?? [], resources) ? {} : { resources }),
    };
    const fields = Object.keys(drift);
    if (fields.length === 0) return [];
    // PATCH refuses a compute size; this call takes all fields.
    await this.cli.write(
      ['apps', 'create-update', plan.name],
      { json: { update_mask: fields.join(','), app: { name: plan.name, ...drift } } },
      () => undefined,
    );
    return fields;
  }

  /** @throws AppError `internal` with the platform's own word */
  async untilActive(name: string): Promise<App> {
    if (this.cli.isDryRun) return (await this.find(name)) ?? plannedApp({ name });
    let isStarted = false;
    return this.#until(`the compute of ${name}`, async () => {
      const app = await this.#get(name);
      const { state, message } = app.compute_status ?? { state: 'UNKNOWN' };
      if (state === 'ACTIVE') return app;
      if (state === 'ERROR') throw failure(`the compute of ${name} has failed: ${message ?? 'no reason was given'}`);
      if (state === 'STOPPED' && !isStarted) {
        isStarted = true;
        await this.cli.write(['apps', 'start', name, '--no-wait'], {}, () => undefined);
      }
      return undefined;
    });
  }

  /** @param source a folder of the workspace. Waits until the platform took it; that it serves is another question. */
  async deploy(name: string, source: string): Promise<Deployment> {
    const args = ['apps', 'deploy', name, '--source-code-path', source, '--mode', 'SNAPSHOT', '--timeout', '20m'];
    const attempt = () => this.cli.write<Deployment>(args, {}, () => ({ status: { state: 'SUCCEEDED' } }));
    await this.#untilIdle(name);
    let deployment: Deployment;
    try {
      deployment = await attempt();
    } catch (error) {
      if (!(error instanceof CliError && error.isBusy)) throw error;
      await this.#untilIdle(name);
      deployment = await attempt();
    }
    const { state, message } = deployment.status ?? { state: 'UNKNOWN' };
    // The platform's own waiter takes a cancelled deployment for a good one.
    if (state !== 'SUCCEEDED') throw failure(`the deployment of ${name} is ${state}${message ? `: ${message}` : ''}`);
    return deployment;
  }

  /** @throws AppError `internal` when it crashed, with the platform's own word */
  async untilRunning(name: string): Promise<App> {
    if (this.cli.isDryRun) return plannedApp({ name });
    return this.#until(name, async () => {
      const app = await this.#get(name);
      const { state, message } = app.app_status ?? { state: 'UNKNOWN' };
      if (state === 'CRASHED' || state === 'UNAVAILABLE')
        throw failure(`${name} is ${state}${message ? `: ${message}` : ''}`);
      return state === 'RUNNING' ? app : undefined;
    });
  }

  /** Whether the app serves that release, once nothing is under way. */
  async isRunning(name: string, source: string): Promise<boolean> {
    await this.#untilIdle(name);
    const { active_deployment: active, app_status: status } = await this.#get(name);
    return active?.source_code_path === source && status?.state === 'RUNNING';
  }

  /** Newest first. */
  async deployments(name: string): Promise<Deployment[]> {
    const answer = await this.cli.read<Deployment[] | { app_deployments?: Deployment[] }>([
      'apps',
      'list-deployments',
      name,
    ]);
    const list = Array.isArray(answer) ? answer : (answer.app_deployments ?? []);
    return [...list].sort((a, b) => (b.create_time ?? '').localeCompare(a.create_time ?? ''));
  }

  async #get(name: string): Promise<App> {
    const app = await this.find(name);
    if (!app) throw failure(`there is no app ${name} any more`);
    return app;
  }

  async #untilNotDeleting(name: string): Promise<App | undefined> {
    const isDeleting = (app: App | undefined) => app?.compute_status?.state === 'DELETING';
    const app = await this.find(name);
    if (!isDeleting(app)) return app;
    await this.#until(`the deletion of ${name}`, async () => (isDeleting(await this.find(name)) ? undefined : true));
    return this.find(name);
  }

  #untilIdle(name: string): Promise<unknown> {
    if (this.cli.isDryRun) return Promise.resolve();
    return this.#until(`the deployment of ${name} that is under way`, async () => {
      const app = await this.#get(name);
      const states = [app.active_deployment, app.pending_deployment].map((one) => one?.status?.state);
      return states.includes('IN_PROGRESS') ? undefined : true;
    });
  }

  async #until<Result>(what: string, look: () => Promise<Result | undefined>): Promise<Result> {
    const deadline = Date.now() + PATIENCE_MS;
    for (let waitMs = this.pollMs; ; waitMs = Math.min(waitMs * 1.5, Math.max(MAX_POLL_MS, this.pollMs))) {
      this.interruption.heed();
      const result = await look();
      if (result !== undefined) return result;
      if (Date.now() > deadline) throw failure(`${what} has not come up within ${PATIENCE_MS / 60_000} minutes`);
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
}

/** Ours by their names, then what others have added. */
function merged(present: readonly Resource[], ours: readonly Resource[]): Resource[] {
  const names = new Set(ours.map(({ name }) => name));
  return [...ours, ...present.filter(({ name }) => !names.has(name))];
}

function isSame(present: readonly Resource[], wanted: readonly Resource[]): boolean {
  const sorted = (list: readonly Resource[]) => [...list].sort((a, b) => a.name.localeCompare(b.name));
  return JSON.stringify(sorted(present).map(ordered)) === JSON.stringify(sorted(wanted).map(ordered));
}

/** The platform may give fields in another order, and more of them than it was given. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== null && field !== '' && field !== undefined)
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([name, field]) => [name, ordered(field)]),
  );
}

/** In a dry run, what nobody can know yet is said to be that. */
function plannedApp({ name }: { name: string }): App {
  return {
    name,
    url: `https://${name}.invalid`,
    service_principal_client_id: `(client id of ${name})`,
    service_principal_id: 0,
    compute_status: { state: 'ACTIVE' },
  };
}

function failure(sentence: string): AppError {
  return new AppError('internal', sentence);
}
