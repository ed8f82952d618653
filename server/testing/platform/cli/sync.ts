/**
 * `databricks sync SRC DST`: uploads what git does not ignore, and removes remotely what vanished since the last time
 * (github.com/databricks/cli `cmd/sync/sync.go`, `libs/sync`). It leaves `.databricks` and a `.gitignore` in SRC.
 */
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, matchesGlob, posix } from 'node:path';
import { CliError, type Flag, type Values } from './command.ts';
import type { Connection } from './connection.ts';
import { Lines } from './render.ts';
import { mkdirs, upload } from './upload.ts';

export const SYNC_FLAGS: Flag[] = [
  { name: 'dry-run', type: 'bool', help: 'simulate sync execution without making actual changes' },
  { name: 'exclude', type: 'strings', help: 'patterns to exclude from sync (can be specified multiple times)' },
  {
    name: 'exclude-from',
    type: 'string',
    help: 'file containing patterns to exclude from sync (one pattern per line)',
  },
  { name: 'full', type: 'bool', help: 'perform full synchronization (default is incremental)' },
  { name: 'include', type: 'strings', help: 'patterns to include in sync (can be specified multiple times)' },
  { name: 'include-from', type: 'string', help: 'file containing patterns to include to sync (one pattern per line)' },
  { name: 'interval', type: 'duration', help: 'file system polling interval (for --watch) (default 1s)' },
  { name: 'watch', type: 'bool', help: 'watch local file system for changes' },
];

export async function sync(connection: Connection, source: string, target: string, flags: Values): Promise<Lines> {
  if (flags['watch']) throw new CliError('the stand-in does not watch');
  if (!existsSync(source)) throw new CliError(`open ${source}: no such file or directory`);
  const isDry = flags['dry-run'] === true;
  ignoreOwnFolder(source);
  const files = filesOf(source, patterns(flags, 'include'), patterns(flags, 'exclude'));
  const snapshot = join(source, '.databricks', `sync-${Buffer.from(target).toString('hex').slice(-24)}.json`);
  const before = existsSync(snapshot) && !flags['full'] ? (JSON.parse(readFileSync(snapshot, 'utf8')) as string[]) : [];
  const gone = before.filter((name) => !files.includes(name));
  const lines = gone.map((name) => `Deleted ${name}`);
  if (!isDry) {
    await mkdirs(connection, target);
    for (const name of gone)
      await connection.call('POST', '/api/2.0/workspace/delete', { path: posix.join(target, name) });
    for (const name of files) {
      await mkdirs(connection, posix.dirname(posix.join(target, name)));
      await upload(connection, posix.join(target, name), readFileSync(join(source, name)), true);
    }
    mkdirSync(join(source, '.databricks'), { recursive: true });
    writeFileSync(snapshot, JSON.stringify(files));
  }
  return new Lines([...lines, 'Initial Sync Complete', ...files.map((name) => `Uploaded ${name}`)]);
}

function patterns(flags: Values, name: 'include' | 'exclude'): string[] {
  const inline = String(flags[name] ?? '').split(',');
  const file = flags[`${name}-from`];
  return [...inline, ...(typeof file === 'string' ? readFileSync(file, 'utf8').split('\n') : [])].filter(Boolean);
}

/** git itself says what is ignored, by the rules of the worktree around SRC, or of SRC alone where there is none. */
function filesOf(source: string, include: string[], exclude: string[]): string[] {
  const matches = (name: string, all: string[]) => all.some((pattern) => matchesGlob(name, pattern));
  const listed = gitFiles(source, ['--exclude-standard']).filter((name) => !matches(name, exclude));
  const forced = include.length === 0 ? [] : gitFiles(source, []).filter((name) => matches(name, include));
  const all = new Set([...listed, ...forced]);
  return [...all].filter((name) => !name.startsWith('.databricks/') && existsSync(join(source, name))).sort();
}

function gitFiles(source: string, options: string[]): string[] {
  const list = ['ls-files', '-z', '--cached', '--others', ...options];
  const run = (prefix: string[]) =>
    execFileSync('git', [...prefix, ...list], { cwd: source, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    return run([]).split('\0').filter(Boolean);
  } catch {
    const empty = mkdtempSync(join(tmpdir(), 'hf-git-'));
    try {
      execFileSync('git', ['init', '--quiet', '--bare', empty]);
      return run(['--git-dir', empty, '--work-tree', '.']).split('\0').filter(Boolean);
    } finally {
      rmSync(empty, { recursive: true, force: true });
    }
  }
}

function ignoreOwnFolder(source: string): void {
  const file = join(source, '.gitignore');
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (!text.split('\n').includes('.databricks'))
    appendFileSync(file, `${text && !text.endsWith('\n') ? '\n' : ''}.databricks\n`);
}
