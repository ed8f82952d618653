/** What `container.js` is asked for. */
import { parseArgs } from 'node:util';
import { AppError } from '../../protocol/errors.ts';

export const HELP = `node dist/scripts/container.js COMMAND: what is done around instances in containers.

  secrets DIRECTORY --shard ID … [--database HOST:PORT/NAME] [--admin ROLE]
      writes what the instances need and is not there yet, one file each: addresses of the database, keys
  migrate --admin FILE --frontend FILE --backend FILE …
      brings the database up to date and makes the roles; the files hold addresses, as "secrets" writes them
  sign-in EMAIL [--origin URL]
      prints a one-time link; in the frontend's container, with its settings
  drain [--wait SECONDS]
      no new people on this shard; waits until nobody's terminal runs, at most so long; in the backend's container
  undrain
      lets people in again`;

export type ContainerRequest =
  | { command: 'help' }
  | { command: 'secrets'; directory: string; shardIds: string[]; database: string; admin: string }
  | { command: 'migrate'; admin: string; frontend: string; backends: string[] }
  | { command: 'sign-in'; email: string; origin: string | undefined }
  | { command: 'drain'; waitSeconds: number }
  | { command: 'undrain' };

const options = {
  shard: { type: 'string', multiple: true },
  database: { type: 'string', default: 'database:5432/holdfast' },
  admin: { type: 'string' },
  frontend: { type: 'string' },
  backend: { type: 'string', multiple: true },
  origin: { type: 'string' },
  wait: { type: 'string', default: '0' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** @throws AppError `input.invalid`, one sentence */
export function parseContainerArguments(args: string[]): ContainerRequest {
  const { values, positionals } = parse(args);
  const [command, subject, ...more] = positionals;
  const { shard: shardIds = [], backend: backends = [] } = values;
  if (values.help || command === undefined) return { command: 'help' };
  if (more.length > 0) throw invalid(`${more.join(' ')} is too much for ${command}.`);
  switch (command) {
    case 'secrets':
      if (!subject || shardIds.length === 0) throw invalid('secrets needs a directory and --shard for each shard.');
      return {
        command,
        directory: subject,
        shardIds,
        database: values.database,
        admin: values.admin ?? 'holdfast',
      };
    case 'migrate':
      if (!values.admin || !values.frontend || backends.length === 0)
        throw invalid('migrate needs --admin, --frontend and --backend for each shard.');
      return { command, admin: values.admin, frontend: values.frontend, backends };
    case 'sign-in':
      if (!subject || !/^[^\s@]+@[^\s@]+$/.test(subject)) throw invalid('sign-in needs an e-mail address.');
      return { command, email: subject, origin: values.origin };
    case 'drain':
      if (!/^\d{1,4}$/.test(values.wait)) throw invalid(`--wait ${values.wait} is not a number of seconds.`);
      return { command, waitSeconds: Number(values.wait) };
    case 'undrain':
      return { command };
    default:
      throw invalid(`There is no command ${command}; --help names them.`);
  }
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw invalid(`${(error as Error).message.split('. ')[0]}.`);
  }
}

const invalid = (sentence: string) => new AppError('input.invalid', sentence);
