/** What the pictures show: a stack of its own with a person, projects and real programs, the same each time and on every machine. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FaultProxy } from '../faultProxy.ts';
import { startStack, type Stack } from '../stack.ts';

/** Stands in prompts and paths, so it is the same everywhere, and says nothing of who took the pictures. */
export const HOME = '/tmp/ada';
/** Says which run made the home; when that is over, it may go. */
const OURS = join(HOME, '.made-for-pictures');
const DATE = '2026-03-02T09:00:00Z';

export interface Stage {
  stack: Stack;
  /** Between the browser and the stack. */
  network: FaultProxy;
  origin: string;
  remove(): Promise<void>;
}

export async function buildStage(): Promise<Stage> {
  makeHome();
  const env = { HOLDFAST_EMAIL: 'ada@example.com', HOME, TZ: 'UTC', VIMINIT: 'set nomodeline' };
  const stack = await startStack({ authMode: 'token', env });
  const network = await FaultProxy.start(stack.port);
  return {
    stack,
    network,
    origin: `http://localhost:${network.port}`,
    async remove() {
      await network.close();
      await stack.remove();
      rmSync(HOME, { recursive: true, force: true });
    },
  };
}

function makeHome(): void {
  if (existsSync(HOME) && !isLeftOver()) throw new Error(`${HOME} is in the way, or of a run that goes on`);
  rmSync(HOME, { recursive: true, force: true });
  mkdirSync(HOME);
  write('.made-for-pictures', String(process.pid));
  // A shell that marks its commands, and its prompt without a name of this machine.
  write(
    '.bash_profile',
    String.raw`
PS0='\e]133;C\a'
PS1='\[\e]133;D;$?\a\e]133;A\a\e[32m\]\W\[\e[0m\] $ \[\e]133;B\a\]'
HISTFILE=
export GIT_PAGER=cat
`,
  );
  write('bin/check', CHECK, 0o755);
  makeRepository('holdfast');
  for (const name of ['website', 'notes', 'old-prototype']) mkdirSync(join(HOME, name));
}

function isLeftOver(): boolean {
  try {
    process.kill(Number(readFileSync(OURS, 'utf8')), 0);
    return false;
  } catch {
    return existsSync(OURS);
  }
}

/** Fails, and long enough after it began to be told of. */
const CHECK = `#!/bin/sh
echo "checking 212 files"
sleep 31
printf '\\033[31mlog.ts: offset 64 is outside 0..63\\033[0m\\n'
exit 1
`;

export function write(path: string, text: string | Buffer, mode = 0o644): void {
  const full = join(HOME, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, text, { mode });
}

function makeRepository(name: string): void {
  const cwd = join(HOME, name);
  mkdirSync(cwd, { recursive: true });
  let hour = 9;
  const git = (...args: string[]) => {
    const date = DATE.replace('09:', `${String(hour).padStart(2, '0')}:`);
    const who = { NAME: 'Ada', EMAIL: 'ada@example.com', DATE: date };
    const env = Object.fromEntries(
      ['AUTHOR', 'COMMITTER'].flatMap((role) => Object.entries(who).map(([key, text]) => [`GIT_${role}_${key}`, text])),
    );
    execFileSync('git', args, { cwd, stdio: 'pipe', env: { PATH: process.env.PATH, HOME, ...env } });
  };
  const commit = (message: string) => {
    git('add', '-A');
    git('commit', '-qm', message);
    hour++;
  };
  git('init', '-q', '-b', 'main');
  write(`${name}/README.md`, '# A log\n\nBytes by their offset, each once.\n');
  write(`${name}/src/log.ts`, LOG.replace(/ {2}\/\*\*.*\n/, ''));
  commit('Read the log once');
  write(`${name}/src/frame.ts`, 'export interface Frame {\n  offset: number;\n  bytes: Uint8Array;\n}\n');
  commit('Number each frame');
  git('checkout', '-qb', 'acks');
  write(`${name}/src/ack.ts`, 'export const ACK_BYTES = 16 * 1024;\n');
  commit('Acknowledge after the write');
  git('checkout', '-q', 'main');
  write(`${name}/docs/order.md`, '# Order\n\nWhat was typed arrives once.\n');
  commit('Say what was lost');
  git('merge', '-q', '--no-ff', '-m', 'Merge the acknowledgements', 'acks');
  hour++;
  git('tag', 'v1.2.0');
  write(`${name}/src/log.ts`, LOG);
  commit('Hold what is not yet read');
  write(
    `${name}/src/log.ts`,
    LOG.replace('64', '128').replace('return this.bytes', 'this.seen = offset;\n    return this.bytes'),
  );
  write(`${name}/src/window.ts`, 'export const WINDOW_BYTES = 128 * 1024;\n');
}

const LOG = `/** The recent output of one terminal, by offset. */
export class OutputLog {
  private bytes = new Uint8Array(0);
  /** Where the next byte goes. */
  end = 0;

  constructor(readonly capacity = 64 * 1024) {}

  append(chunk: Uint8Array): void {
    this.end += chunk.length;
  }

  since(offset: number): Uint8Array {
    if (offset > this.end) throw new Error('not yet');
    return this.bytes.subarray(offset);
  }
}
`;
