/** Runs git without anything of the machine's or a person's settings, and without a program that a repository names. */
import { spawn } from 'node:child_process';

/** Not a person's: what is called git must be git. */
const SEARCH_PATH = '/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin';
const TIMEOUT_MS = 60_000;
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

/** Against hooks and helpers of a repository whose settings are read; in those of our own there are none. */
const HARMLESS = [
  ...['core.hooksPath=/dev/null', 'core.fsmonitor=false', 'core.untrackedCache=false', 'core.pager=cat'],
  ...[
    'protocol.allow=never',
    'gc.auto=0',
    'maintenance.auto=false',
    'submodule.recurse=false',
    'advice.detachedHead=false',
  ],
  // Whoever made a commit stands in it; nobody asks a key of theirs for ours.
  ...['commit.gpgSign=false', 'user.name=Holdfast', 'user.email=holdfast@localhost'],
].flatMap((setting) => ['-c', setting]);

export interface GitPlace {
  gitDir: string;
  workTree?: string;
  indexFile?: string;
  /** Objects that lie elsewhere. */
  objects?: string;
}

export interface GitOptions {
  input?: string | Buffer;
  /** Ends git; then it rejects with an AbortError. */
  signal?: AbortSignal;
}

/** git ended with another code than 0; the message holds what it said. */
export class GitError extends Error {}
/** It said more than we keep: so many files are nothing for us. */
export class GitOutputTooLarge extends GitError {}

/** What git printed. @throws GitError */
export async function runGit(place: GitPlace, args: readonly string[], options: GitOptions = {}): Promise<Buffer> {
  const child = spawn('git', [...HARMLESS, ...args], {
    cwd: place.workTree ?? place.gitDir,
    env: environmentOf(place),
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
    ...(options.signal ? { signal: options.signal } : {}),
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  child.stdin.on('error', () => undefined); // it ended before it read all: its code says why
  child.stdin.end(options.input ?? '');
  const said: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => said.length < 16 && said.push(chunk));
  const output: Buffer[] = [];
  let outputBytes = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    outputBytes += chunk.length;
    if (outputBytes > MAX_OUTPUT_BYTES) child.kill('SIGKILL');
    else output.push(chunk);
  });
  const code = await ended;
  if (outputBytes > MAX_OUTPUT_BYTES) throw new GitOutputTooLarge(`git ${args[0]} says too much`);
  if (code !== 0) throw new GitError(`git ${args[0]} failed: ${Buffer.concat(said).toString().trim().slice(0, 500)}`);
  return Buffer.concat(output);
}

function environmentOf({ gitDir, workTree, indexFile, objects }: GitPlace): Record<string, string> {
  return {
    PATH: SEARCH_PATH,
    HOME: '/nonexistent',
    LC_ALL: 'C.UTF-8',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_NO_LAZY_FETCH: '1',
    GIT_DIR: gitDir,
    ...(workTree ? { GIT_WORK_TREE: workTree } : {}),
    ...(indexFile ? { GIT_INDEX_FILE: indexFile } : {}),
    ...(objects ? { GIT_OBJECT_DIRECTORY: objects } : {}),
  };
}
