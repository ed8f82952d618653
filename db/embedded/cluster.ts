/** Makes the data directory of the embedded server and knows how to run its programs as root. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { AppError } from '../../protocol/errors.ts';
import type { Binaries } from './binaries.ts';

const run = promisify(execFile);

export const ADMIN_ROLE = 'holdfast_admin';

/** The major version a data directory was made by, or null when there is none yet. */
export function clusterMajor(dataDir: string): number | null {
  const file = `${dataDir}/PG_VERSION`;
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : null;
}

export interface NewCluster {
  dataDir: string;
  adminPassword: string;
  isDurable?: boolean;
  binaries: Binaries;
  environment: Record<string, string>;
}

/** Made beside its place and renamed, so that an interrupted start never leaves half a cluster. */
export async function initCluster(options: NewCluster): Promise<void> {
  const { dataDir, adminPassword, binaries, isDurable = true } = options;
  const unfinished = `${dataDir}.new`;
  const passwordFile = `${dataDir}.password`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true, mode: 0o700 });
  writeFileSync(passwordFile, adminPassword, { mode: 0o600 });
  try {
    const args = ['-D', unfinished, '-U', ADMIN_ROLE, '-A', 'scram-sha-256', `--pwfile=${passwordFile}`];
    args.push('--locale=C', '-E', 'UTF8', '--no-instructions', ...(isDurable ? [] : ['-N']));
    const [command, ...rest] = unprivileged([binaries.initdb, ...args]);
    await run(command, rest, { env: { ...options.environment, LC_ALL: 'C' }, timeout: 120_000 });
    renameSync(unfinished, dataDir);
  } catch (error) {
    throw new AppError('database.unavailable', `The embedded database could not be made: ${reasonOf(error)}`, {
      cause: error,
    });
  } finally {
    rmSync(passwordFile, { force: true });
    rmSync(unfinished, { recursive: true, force: true });
  }
}

/** PostgreSQL refuses to run as root; in a user namespace it is `nobody` while the files stay root's. */
export function unprivileged(command: [string, ...string[]]): [string, ...string[]] {
  if (process.getuid?.() !== 0) return command;
  return ['unshare', '--user', '--map-user=65534', '--map-group=65534', ...command];
}

function reasonOf(error: unknown): string {
  const { stderr, message, code } = error as { stderr?: string; message: string; code?: unknown };
  if (code === 'ENOENT' || /^unshare:/m.test(stderr ?? '')) {
    return 'PostgreSQL does not run as root and this system allows no user namespaces; start as an ordinary user, or set DATABASE_URL.';
  }
  const lines = (stderr || message)
    .trim()
    .split('\n')
    .filter((line) => !line.startsWith('initdb: removing'));
  return lines.find((line) => /error|fatal/i.test(line)) ?? lines.at(-1) ?? message;
}
