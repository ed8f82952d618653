/**
 * `databricks apps …`: names, flags, arguments and waiting as in github.com/databricks/cli `cmd/workspace/apps/apps.go`,
 * `overrides.go`, `errors.go`, `logs.go` and `cmd/apps/deploy_bundle.go`.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Fields } from '../answers.ts';
import { durationMs, wordsOrJson } from './args.ts';
import { CliError, JSON_FLAG, type Command, type Flag, type Values } from './command.ts';
import { jsonOf, type Connection } from './connection.ts';
import { Lines, Table } from './render.ts';

const POLL_MS = 50;

const waitFlags = (state: string): Flag[] => [
  { name: 'no-wait', type: 'bool', help: `do not wait to reach ${state} state` },
  { name: 'timeout', type: 'duration', help: `maximum amount of time to reach ${state} state (default 20m0s)` },
];
const VAR: Flag = { name: 'var', type: 'strings', help: 'set values for variables defined in bundle config' };
const string = (name: string, help = '', values?: string[]): Flag => ({ name, type: 'string', help, values });
const bool = (name: string, help = ''): Flag => ({ name, type: 'bool', help });
const int = (name: string, help = ''): Flag => ({ name, type: 'int', help });

const APP_FLAGS: Flag[] = [
  string('budget-policy-id'),
  int('compute-max-instances'),
  int('compute-min-instances'),
  string('compute-size', 'Supported values: [LARGE, MEDIUM, XLARGE]', ['LARGE', 'MEDIUM', 'XLARGE']),
  string('description', 'The description of the app.'),
  bool('forward-user-access-token'),
  string('source-code-path'),
  string('space', 'Name of the space this app belongs to.'),
  string('usage-policy-id'),
];
const BUNDLE_FLAGS: Flag[] = [
  bool('auto-approve'),
  { ...string('cluster-id'), short: 'c' },
  bool('fail-on-active-runs'),
  bool('force', 'Force-override Git branch validation'),
  bool('force-lock'),
  string('plan'),
  bool('skip-tests', 'Skip running tests during validation'),
  bool('skip-validation', 'Skip project validation (build, typecheck, lint)'),
];
const APP_FIELDS = [
  'name',
  'description',
  'compute_size',
  'compute_min_instances',
  'compute_max_instances',
  'resources',
  'user_api_scopes',
  'budget_policy_id',
  'usage_policy_id',
  'space',
  'default_source_code_path',
  'git_repository',
  'telemetry_export_destinations',
  'forward_user_access_token',
];
const DEPLOYMENT_FIELDS = [
  'source_code_path',
  'mode',
  'command',
  'env_vars',
  'deployment_id',
  'git_source',
  'deployment_artifacts',
];

export function appsCommands(connection: Connection): Command[] {
  const at = (name: string) => `/api/2.0/apps/${encodeURIComponent(name)}`;
  const get = (name: string) => connection.call('GET', at(name));
  const wait = (flags: Values) => new Waiter(connection, flags);
  const access = (name: string) => `/api/2.0/permissions/apps/${encodeURIComponent(name)}`;
  return [
    {
      path: 'apps create',
      use: 'NAME',
      flags: [...waitFlags('ACTIVE'), JSON_FLAG, bool('no-compute'), ...APP_FLAGS, VAR],
      args: wordsOrJson(1, 0, "no positional arguments are required. Provide 'name' in your JSON input"),
      run: async ([name], flags) => {
        const body = { ...(name && { name }), ...fromFlags(flags), ...jsonOf(flags, APP_FIELDS) };
        const made = await connection.call(
          'POST',
          `/api/2.0/apps${flags['no-compute'] ? '?no_compute=true' : ''}`,
          body,
        );
        if (flags['no-wait']) return made;
        return wait(flags).app(String(made['name']), 'ACTIVE', ['ERROR', 'STOPPED']);
      },
    },
    { path: 'apps get', use: 'NAME', flags: [VAR], args: 1, run: ([name]) => get(name!) },
    {
      path: 'apps list',
      use: '',
      flags: [int('limit'), int('page-size'), string('space'), VAR],
      args: 0,
      run: async () => {
        const { apps = [] } = (await connection.call('GET', '/api/2.0/apps')) as { apps?: Fields[] };
        return new Table(apps, ['Name', 'Url', 'ComputeStatus', 'DeploymentStatus'], (app) => [
          app['name'] as string,
          app['url'] as string,
          (app['compute_status'] as Fields)['state'] as string,
          ((app['active_deployment'] as Fields | undefined)?.['status'] as Fields | undefined)?.['state'] as string,
        ]);
      },
    },
    {
      path: 'apps update',
      use: 'NAME',
      flags: [JSON_FLAG, ...APP_FLAGS, VAR],
      args: 1,
      run: ([name], flags) =>
        connection.call('PATCH', at(name!), { ...fromFlags(flags), ...jsonOf(flags, APP_FIELDS) }),
    },
    {
      path: 'apps create-update',
      use: 'APP_NAME UPDATE_MASK',
      flags: [...waitFlags('SUCCEEDED'), JSON_FLAG, VAR],
      args: wordsOrJson(
        2,
        1,
        "provide only APP_NAME as positional arguments. Provide 'update_mask' in your JSON input",
      ),
      run: ([name, mask], flags) =>
        connection.call('POST', `${at(name!)}/update`, {
          ...(mask && { update_mask: mask }),
          ...jsonOf(flags, ['app', 'update_mask']),
        }),
    },
    {
      path: 'apps get-update',
      use: 'APP_NAME',
      flags: [VAR],
      args: 1,
      run: ([name]) => connection.call('GET', `${at(name!)}/update`),
    },
    {
      path: 'apps deploy',
      use: '[APP_NAME]',
      flags: [
        ...waitFlags('SUCCEEDED'),
        JSON_FLAG,
        ...BUNDLE_FLAGS,
        VAR,
        string('deployment-id', 'The unique id of the deployment.'),
        string('mode', 'Supported values: [AUTO_SYNC, SNAPSHOT]', ['AUTO_SYNC', 'SNAPSHOT']),
        string(
          'source-code-path',
          'The workspace file system path of the source code used to create the app deployment.',
        ),
      ],
      args: (words) => {
        if (words.length > 1) return `accepts at most 1 arg(s), received ${words.length}`;
        return words.length === 1 ? null : `accepts 1 arg(s), received 0`;
      },
      run: async ([name], flags) => {
        const made = await connection.call('POST', `${at(name!)}/deployments`, {
          ...pick(flags, { 'source-code-path': 'source_code_path', mode: 'mode', 'deployment-id': 'deployment_id' }),
          ...jsonOf(flags, DEPLOYMENT_FIELDS),
        });
        if (flags['no-wait']) return made;
        return wait(flags).deployment(name!, String(made['deployment_id']));
      },
    },
    {
      path: 'apps get-deployment',
      use: 'APP_NAME DEPLOYMENT_ID',
      flags: [VAR],
      args: 2,
      run: ([name, id]) => connection.call('GET', `${at(name!)}/deployments/${id}`),
    },
    {
      path: 'apps list-deployments',
      use: 'APP_NAME',
      flags: [int('limit'), int('page-size'), VAR],
      args: 1,
      run: async ([name]) => {
        const { app_deployments: all } = await connection.call('GET', `${at(name!)}/deployments`);
        return new Table(all as Fields[], ['DeploymentId', 'State', 'CreatedAt'], (one) => [
          one['deployment_id'] as string,
          (one['status'] as Fields)['state'] as string,
          one['create_time'] as string,
        ]);
      },
    },
    {
      path: 'apps start',
      use: '[NAME]',
      flags: [...waitFlags('ACTIVE'), VAR],
      args: 1,
      run: async ([name], flags) => {
        const app = await connection.call('POST', `${at(name!)}/start`).catch(asStarted);
        if (flags['no-wait']) return app;
        return wait(flags).app(name!, 'ACTIVE', ['ERROR', 'STOPPED']);
      },
    },
    {
      path: 'apps stop',
      use: '[NAME]',
      flags: [...waitFlags('STOPPED'), VAR],
      args: 1,
      run: async ([name], flags) => {
        const app = await connection.call('POST', `${at(name!)}/stop`);
        return flags['no-wait'] ? app : wait(flags).app(name!, 'STOPPED', ['ERROR']);
      },
    },
    {
      path: 'apps delete',
      use: '[NAME]',
      flags: [bool('auto-approve'), bool('force-lock'), VAR],
      args: 1,
      run: ([name]) => connection.call('DELETE', at(name!)),
    },
    {
      path: 'apps logs',
      use: '[NAME]',
      flags: [
        int('tail-lines', 'Number of recent log lines to show before streaming. Set to 0 to show everything.'),
        { ...bool('follow', 'Continue streaming logs until interrupted.'), short: 'f' },
        { name: 'timeout', type: 'duration', help: 'Maximum time to stream when --follow is set.' },
        string('search', 'Send a search term to the log service before streaming.'),
        { name: 'source', type: 'strings', help: 'Restrict logs to APP and/or SYSTEM sources.' },
        string('output-file', 'Optional file path to write logs in addition to stdout.'),
        VAR,
      ],
      args: 1,
      run: async ([name], flags) => {
        await get(name!);
        return new Lines(logLines(connection.store.folder, name!, flags));
      },
    },
    {
      path: 'apps get-permissions',
      use: 'APP_NAME',
      flags: [VAR],
      args: 1,
      run: ([name]) => connection.call('GET', access(name!)),
    },
    ...(['set', 'update'] as const).map((verb): Command => ({
      path: `apps ${verb}-permissions`,
      use: 'APP_NAME',
      flags: [JSON_FLAG, VAR],
      args: 1,
      run: ([name], flags) =>
        connection.call(verb === 'set' ? 'PUT' : 'PATCH', access(name!), jsonOf(flags, ['access_control_list'])),
    })),
  ];
}

/** Starting what runs is no error (`cmd/apps/start_bundle.go`). */
function asStarted(error: unknown): Fields {
  if (error instanceof CliError && /ACTIVE state|already/.test(error.message)) return {};
  throw error;
}

function fromFlags(flags: Values): Fields {
  return pick(flags, { description: 'description', 'compute-size': 'compute_size', space: 'space' });
}

function pick(flags: Values, names: Record<string, string>): Fields {
  const given = Object.entries(names).filter(([flag]) => flags[flag] !== undefined);
  return Object.fromEntries(given.map(([flag, field]) => [field, flags[flag]]));
}

/** Polls as the SDK's waiters do: only what they know as a failure ends them early. */
class Waiter {
  #deadline: number;

  constructor(
    private readonly connection: Connection,
    private readonly flags: Values,
  ) {
    this.#deadline = Date.now() + (durationMs(String(flags['timeout'] ?? '20m')) ?? 0);
  }

  app(name: string, wanted: string, failures: string[]): Promise<Fields> {
    return this.#poll(`/api/2.0/apps/${name}`, (app) => app['compute_status'] as Fields, name, wanted, failures);
  }

  /** A cancelled one is waited for until the time is over. */
  deployment(name: string, id: string): Promise<Fields> {
    const path = `/api/2.0/apps/${name}/deployments/${id}`;
    return this.#poll(path, (one) => one['status'] as Fields, name, 'SUCCEEDED', ['FAILED']);
  }

  async #poll(path: string, statusOf: (value: Fields) => Fields, name: string, wanted: string, failures: string[]) {
    for (;;) {
      const value = await this.connection.call('GET', path);
      const { state, message } = statusOf(value) as { state: string; message: string };
      if (state === wanted) return value;
      if (failures.includes(state)) throw this.#error(name, `failed to reach ${wanted}, got ${state}: ${message}`);
      if (Date.now() > this.#deadline) throw this.#error(name, `timed out: ${message}`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  #error(name: string, text: string): CliError {
    const profile = this.flags['profile'] === undefined ? '' : ` --profile ${String(this.flags['profile'])}`;
    return new CliError(`${text}\n\nTo view app logs, run:\n  databricks apps logs ${name} --tail-lines 100${profile}`);
  }
}

/** What the app printed so far; `--follow` ends here too, for nobody waits for a person in a test. */
function logLines(folder: string, name: string, flags: Values): string[] {
  const file = join(folder, 'logs', `${name}.log`);
  const wanted = String(flags['source'] ?? '')
    .toUpperCase()
    .split(',')
    .filter(Boolean);
  for (const one of wanted) {
    if (one !== 'APP' && one !== 'SYSTEM') throw new CliError(`invalid --source value "${one}" (valid: APP, SYSTEM)`);
  }
  const all = existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
  const search = String(flags['search'] ?? '');
  const found = all.filter(
    (line) => line.includes(search) && (wanted.length === 0 || wanted.some((one) => line.includes(`[${one}]`))),
  );
  const count = Number(flags['tail-lines'] ?? 200);
  if (count < 0) throw new CliError('--tail-lines cannot be negative');
  const tail = count === 0 ? found : found.slice(-count);
  if (typeof flags['output-file'] === 'string') {
    writeFileSync(flags['output-file'], tail.map((line) => `${line}\n`).join(''), { mode: 0o600 });
  }
  return tail;
}
