/** The folders of an instance: its home with everything that lasts, and a runtime folder for sockets. */
import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../protocol/errors.ts';

export interface Home {
  /** Absolute, mode 0700, symbolic links resolved. */
  dir: string;
  logs: string;
  /** PostgreSQL's data directory. */
  data: string;
  /** Mode 0700; short enough for a unix socket with a file name of MAX_SOCKET_NAME_BYTES. */
  run: string;
  lockFile: string;
  secretsFile: string;
  childrenFile: string;
}

/** Unix sockets may have 107 bytes on Linux and 103 on macOS. */
const MAX_SOCKET_PATH_BYTES = 100;
const MAX_SOCKET_NAME_BYTES = 32;

/** Where everything is, without touching anything. */
export function locateHome(dir: string): Home {
  const resolved = realOrSame(dir);
  return {
    dir: resolved,
    logs: join(resolved, 'logs'),
    data: join(resolved, 'postgres'),
    run: runtimeDir(resolved),
    lockFile: join(resolved, 'launcher.json'),
    secretsFile: join(resolved, 'secrets.json'),
    childrenFile: join(resolved, 'children.json'),
  };
}

/** @throws AppError `config.invalid` when a folder is not ours or cannot be written */
export function prepareHome(dir: string): Home {
  makeDir(dir);
  const home = locateHome(dir);
  makePrivate(home.dir);
  makeDir(home.logs);
  makeDir(home.run);
  makePrivate(home.run);
  return home;
}

function runtimeDir(home: string): string {
  const inside = join(home, 'run');
  if (Buffer.byteLength(inside) + 1 + MAX_SOCKET_NAME_BYTES < MAX_SOCKET_PATH_BYTES) return inside;
  const hash = createHash('sha256').update(home).digest('hex').slice(0, 12);
  return join('/tmp', `holdfast-${process.getuid?.() ?? 0}-${hash}`);
}

function makeDir(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new AppError('config.invalid', `The folder ${dir} cannot be made: ${(error as Error).message}.`, {
      cause: error,
    });
  }
}

/** Refuses a link or a folder that somebody else put there: in /tmp anyone may. */
function makePrivate(dir: string): void {
  const facts = lstatSync(dir);
  if (!facts.isDirectory()) throw new AppError('config.invalid', `${dir} is not a folder; remove it.`);
  if (facts.uid !== process.getuid?.()) {
    throw new AppError(
      'config.invalid',
      `The folder ${dir} belongs to another user; set HOLDFAST_HOME to one of yours.`,
    );
  }
  if (facts.mode & 0o077) chmodSync(dir, 0o700);
}

function realOrSame(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
