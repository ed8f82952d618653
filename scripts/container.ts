/** What is done around instances in containers, besides starting them: `node dist/scripts/container.js --help`. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../protocol/errors.ts';
import { normalizeEmail } from '../protocol/routing.ts';
import { HELP, parseContainerArguments, type ContainerRequest } from './container/arguments.ts';
import { migrate } from './container/migrate.ts';
import { secretFiles, writeSecretFiles } from './container/secretFiles.ts';
import { liveSessions, setDraining } from './deploy/shardState.ts';
import { environment } from './platform/env.ts';
import { secretsOf } from './platform/secretsOf.ts';
import { createSignInLink } from './supervisor/links.ts';
import { complain, say } from './supervisor/progress.ts';
import { ensureSecrets } from './supervisor/secrets.ts';

const POLL_MS = 1_000;
const read = (file: string) => readFileSync(file, 'utf8').trim();

async function run(request: ContainerRequest): Promise<string> {
  switch (request.command) {
    case 'help':
      return HELP;
    case 'secrets':
      return makeSecrets(request);
    case 'migrate': {
      const { admin, frontend, backends } = request;
      const plan = { adminUrl: read(admin), frontendUrl: read(frontend), backendUrls: backends.map(read) };
      return (await migrate(plan)).join('\n');
    }
    case 'sign-in': {
      const port = environment['PORT'] ?? '8000';
      const origin = request.origin ?? environment['PUBLIC_URL'] ?? `http://localhost:${port}`;
      return createSignInLink(databaseUrl(), normalizeEmail(request.email), origin.replace(/\/+$/, ''));
    }
    case 'drain':
      return drain(request.waitSeconds);
    case 'undrain':
      await setDraining({ connectionString: databaseUrl() }, shardId(), false);
      return `${shardId()} takes new people.`;
  }
}

/** What was made first stays in `secrets.json`, so that a third shard can be added later. */
function makeSecrets(plan: Extract<ContainerRequest, { command: 'secrets' }>): string {
  const { directory, shardIds } = plan;
  const file = join(directory, 'secrets.json');
  if (!existsSync(directory)) writeSecretFiles(directory, {});
  const made = writeSecretFiles(directory, secretFiles(plan, ensureSecrets(file, shardIds)));
  return made.length > 0 ? `${directory}: ${made.join(', ')}` : `${directory} has everything already.`;
}

async function drain(waitSeconds: number): Promise<string> {
  const connection = { connectionString: databaseUrl() };
  await setDraining(connection, shardId(), true);
  const deadline = Date.now() + waitSeconds * 1000;
  let sessions = await liveSessions(connection, shardId());
  while (sessions > 0 && Date.now() < deadline) {
    await sleep(POLL_MS);
    sessions = await liveSessions(connection, shardId());
  }
  return `${shardId()} takes no new people; ${sessions} ${sessions === 1 ? 'session runs' : 'sessions run'} there.`;
}

function shardId(): string {
  const id = environment['SHARD_ID'];
  if (!id) throw new AppError('config.invalid', 'SHARD_ID does not say which shard.');
  return id;
}

/** As the instance in this container gets it. */
function databaseUrl(): string {
  const kind = environment['SHARD_ID'] ? 'backend' : 'frontend';
  const url = secretsOf(kind, environment, (path) => readFileSync(path, 'utf8')).secrets['DATABASE_URL'];
  if (typeof url === 'string') return url;
  throw new AppError('config.invalid', 'Neither DATABASE_URL nor DATABASE_URL_FILE says where the database is.');
}

try {
  say(await run(parseContainerArguments(process.argv.slice(2))));
  process.exit(0);
} catch (error) {
  complain(error instanceof AppError ? error.message : String((error as Error).stack));
  process.exit(1);
}
