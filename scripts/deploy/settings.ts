/** What an admin says of a deployment: switches of the command line and variables, checked before anything is touched. */
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { AppError } from '../../protocol/errors.ts';
import { normalizeEmail } from '../../protocol/routing.ts';

/** Names of apps: lowercase letters, digits and hyphens; no public limit is known, so they stay short. */
const MAX_APP_NAME = 30;

export type Lakebase =
  | { kind: 'autoscaling'; branch: string; /** Its resource name; the default one when absent. */ database?: string }
  | { kind: 'provisioned'; instance: string; database: string };

export type Command =
  | { name: 'deploy' }
  | { name: 'status' }
  | { name: 'logs'; app: string | undefined }
  | { name: 'rollback' }
  | { name: 'drain'; shardId: string; isOff: boolean };

export interface DeploySettings {
  command: Command;
  isDryRun: boolean;
  /** Instances to deploy; all when undefined. */
  only: string[] | undefined;
  isWhenEmpty: boolean;
  isRotatingKeys: boolean;
  profile: string | undefined;
  prefix: string;
  shardIds: string[];
  computeSize: string;
  lakebase: Lakebase;
  secretScope: string;
  /** `none`, a volume, or undefined when nothing was said. */
  stateStore: string | undefined;
  adminEmails: string[];
  /** A group that may use the app. */
  usersGroup: string | undefined;
  shardCapacity: number;
  logLevel: string;
  /** For the first question about something that takes time; later ones come at longer intervals. */
  pollMs: number;
  /** So often something new is asked before it counts as not well, `pollMs` apart. */
  attempts: number;
}

const Environment = z.object({
  APP_PREFIX: z
    .string()
    .regex(/^[a-z][a-z0-9-]*$/, 'lowercase letters, digits and hyphens')
    .default('builder'),
  BACKENDS: z.coerce.number().int().min(1).max(9).default(2),
  COMPUTE_SIZE: z.enum(['MEDIUM', 'LARGE', 'XLARGE']).default('LARGE'),
  DATABRICKS_CONFIG_PROFILE: z.string().optional(),
  LAKEBASE_BRANCH: z
    .string()
    .regex(/^projects\/[^/]+\/branches\/[^/]+$/, 'projects/…/branches/…')
    .optional(),
  LAKEBASE_DATABASE: z.string().optional(),
  LAKEBASE_INSTANCE: z.string().optional(),
  SECRET_SCOPE: z.string().optional(),
  STATE_STORE: z
    .string()
    .regex(/^(none|volume:\/Volumes\/.+)$/, 'none or volume:/Volumes/<catalog>/<schema>/<volume>[/path]')
    .optional(),
  ADMIN_EMAILS: z.string().default(''),
  USERS_GROUP: z.string().optional(),
  SHARD_CAPACITY: z.coerce.number().int().min(1).default(75),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn']).default('info'),
  DEPLOY_POLL_MS: z.coerce.number().int().min(10).default(2_000),
  DEPLOY_ATTEMPTS: z.coerce.number().int().min(1).default(30),
});

const OPTIONS = {
  'dry-run': { type: 'boolean' },
  status: { type: 'boolean' },
  logs: { type: 'boolean' },
  rollback: { type: 'boolean' },
  drain: { type: 'string' },
  off: { type: 'boolean' },
  only: { type: 'string', multiple: true },
  'when-empty': { type: 'boolean' },
  'rotate-keys': { type: 'boolean' },
  profile: { type: 'string', short: 'p' },
} as const;

/** @throws AppError `config.invalid`, one sentence that names the switch or variable */
export function readDeploySettings(
  argv: string[],
  environment: Readonly<Record<string, string | undefined>>,
): DeploySettings {
  const values = readOptions(argv);
  const env = readEnvironment(environment);
  const shardIds = Array.from({ length: env.BACKENDS }, (_, index) => `backend-${index + 1}`);
  const instances = ['frontend', ...shardIds];
  const longest = `${env.APP_PREFIX}-${shardIds.at(-1)!}`;
  if (longest.length > MAX_APP_NAME) throw refusal(`APP_PREFIX makes names of more than ${MAX_APP_NAME} characters`);
  const check = (option: string, name: string) => {
    if (!instances.includes(name)) throw refusal(`${option} takes one of ${instances.join(', ')}, not ${name}`);
    return name;
  };
  if (values.only && values['rotate-keys'])
    throw refusal('--rotate-keys concerns all instances, so --only does not go with it');
  const only = values.only?.flatMap((text) => text.split(',')).map((name) => check('--only', name));
  return {
    command: commandOf(values, only, check),
    isDryRun: values['dry-run'] ?? false,
    only,
    isWhenEmpty: values['when-empty'] ?? false,
    isRotatingKeys: values['rotate-keys'] ?? false,
    profile: values.profile ?? env.DATABRICKS_CONFIG_PROFILE,
    prefix: env.APP_PREFIX,
    shardIds,
    computeSize: env.COMPUTE_SIZE,
    lakebase: lakebaseOf(env),
    secretScope: env.SECRET_SCOPE ?? env.APP_PREFIX,
    stateStore: env.STATE_STORE,
    adminEmails: env.ADMIN_EMAILS.split(',').map(normalizeEmail).filter(Boolean),
    usersGroup: env.USERS_GROUP,
    shardCapacity: env.SHARD_CAPACITY,
    logLevel: env.LOG_LEVEL,
    pollMs: env.DEPLOY_POLL_MS,
    attempts: env.DEPLOY_ATTEMPTS,
  };
}

type Values = ReturnType<typeof readOptions>;

function readOptions(argv: string[]) {
  try {
    return parseArgs({ args: argv, options: OPTIONS }).values;
  } catch (error) {
    throw refusal(`${(error as Error).message.split('. ')[0]!}; --help says what there is`);
  }
}

function readEnvironment(environment: Readonly<Record<string, string | undefined>>) {
  // An empty variable means the same as none.
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const result = Environment.safeParse(given);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw refusal(`the variable ${issue.path.join('.')} is not usable: ${issue.message}`);
}

function commandOf(
  values: Values,
  only: string[] | undefined,
  check: (option: string, name: string) => string,
): Command {
  const chosen = (['status', 'logs', 'rollback', 'drain'] as const).filter((name) => values[name] !== undefined);
  if (chosen.length > 1) throw refusal(`--${chosen[0]!} and --${chosen[1]!} exclude each other`);
  if (values.off && chosen[0] !== 'drain') throw refusal('--off goes with --drain');
  switch (chosen[0]) {
    case 'status':
    case 'rollback':
      return { name: chosen[0] };
    case 'logs':
      return { name: 'logs', app: only?.[0] };
    case 'drain': {
      const shardId = check('--drain', values.drain!);
      if (shardId === 'frontend') throw refusal('--drain takes a backend: the frontend has no sessions');
      return { name: 'drain', shardId, isOff: values.off ?? false };
    }
    default:
      return { name: 'deploy' };
  }
}

function lakebaseOf(env: z.output<typeof Environment>): Lakebase {
  const { LAKEBASE_BRANCH: branch, LAKEBASE_INSTANCE: instance, LAKEBASE_DATABASE: database } = env;
  if (branch && instance) throw refusal('LAKEBASE_BRANCH and LAKEBASE_INSTANCE exclude each other');
  if (instance) return { kind: 'provisioned', instance, database: database ?? 'databricks_postgres' };
  if (!branch)
    throw refusal(
      'Lakebase is not named: LAKEBASE_BRANCH=projects/…/branches/… (autoscaling) or LAKEBASE_INSTANCE=… (provisioned)',
    );
  if (database && !database.startsWith(`${branch}/databases/`))
    throw refusal(`LAKEBASE_DATABASE is the resource name ${branch}/databases/…`);
  return { kind: 'autoscaling', branch, ...(database ? { database } : {}) };
}

function refusal(sentence: string): AppError {
  return new AppError('config.invalid', sentence);
}
