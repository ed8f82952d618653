/**
 * One instance where a platform runs it, started by launch.sh: watches the server and starts it again when it dies, so that
 * the terminals, which are in a process of their own, outlive it there as well. Ends with everything when it is told to.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createLog } from '../server/base/log.ts';
import { environment } from './platform/env.ts';
import { instanceKind } from './platform/instanceKind.ts';
import { instanceSpec } from './platform/instanceSpec.ts';
import { Child } from './supervisor/child.ts';
import { locateHome } from './supervisor/home.ts';
import { endHosts } from './supervisor/processes.ts';

/** Where launch.sh put the secrets. */
const SECRETS_FD = 3;

/** Kept beside the sockets: the next backend in this container must find the terminals of the last one. */
function hostKey(runDir: string): string {
  const file = join(runDir, 'host.key');
  if (existsSync(file)) return readFileSync(file, 'utf8');
  const key = randomBytes(32).toString('base64url');
  writeFileSync(file, key, { mode: 0o600 });
  return key;
}

function main(): void {
  const kind = instanceKind(process.argv[2]);
  const dist = resolve(dirname(fileURLToPath(import.meta.url)), '..');
  const secrets = JSON.parse(readFileSync(SECRETS_FD, 'utf8')) as Record<string, unknown>;
  const spec = instanceSpec({
    kind,
    environment,
    secrets,
    dist,
    defaultHome: join(homedir(), '.holdfast'),
    defaultRunDir: join(tmpdir(), 'holdfast-run'),
  });
  const { HOLDFAST_HOME: home, RUN_DIR: runDir } = spec.environment as { HOLDFAST_HOME: string; RUN_DIR?: string };
  mkdirSync(join(home, 'logs'), { recursive: true, mode: 0o700 });
  if (runDir) {
    mkdirSync(runDir, { recursive: true, mode: 0o700 });
    spec.secrets['HOST_KEY'] ??= hostKey(runDir);
  }
  const log = createLog(`${spec.instance}.runner`, 'info');
  const child = new Child(
    spec,
    () => undefined,
    (sentence) => log.warn(sentence),
    // While a release is replaced the container before may live on beside the new one. Started again it would be the newer of
    // the two, and they would take the shard from each other for ever.
    () => void stop('a newer container has the shard', 1),
  );
  child.start();
  const stop = async (reason: string, code = 0) => {
    log.info({ reason }, 'stopping');
    await child.stop();
    if (runDir) await endHosts({ ...locateHome(home), run: runDir });
    process.exit(code);
  };
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => void stop(name));
}

main();
