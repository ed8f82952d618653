/**
 * Records what real programs print, as fixtures for the tests of screens: server/screens/recordings/.
 * npx tsx server/testing/recordScreen.ts [name …]   (all that are installed, without a name)
 * Claude Code is recorded when CLAUDE_CODE names its executable and CLAUDE_API a stand-in for its model API.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { SizeMark } from '../ptyhost/hostProtocol.ts';
import { spawnPty, type Pty } from '../ptyhost/pty.ts';
import { Screen } from '../screens/screen.ts';
import { scenarios, type Scenario } from './scenarios.ts';

const TARGET = join(import.meta.dirname, '../screens/recordings');
/** The programs' home and working directory: nothing of this machine is to be seen in a recording. */
const HOME = '/tmp/holdfast-recording';
/** Output that pauses this long is complete: the next keys may be typed. */
const QUIET_MS = 400;
/** A program that never pauses is typed to all the same. */
const MAX_WAIT_MS = 4_000;
const END_GRACE_MS = 500;
/** A fixture is to stay small. */
const MAX_BYTES = 400 * 1024;

class Recorder {
  #chunks: Buffer[] = [];
  #end = 0;
  #sizes: SizeMark[];
  #lastOutputAt = Date.now();
  #screen: Screen;
  #pty: Pty;
  readonly ended: Promise<void>;

  constructor(scenario: Scenario) {
    const { cols, rows } = scenario;
    this.#sizes = [{ offset: 0, cols, rows }];
    this.#screen = new Screen(0, 0, { cols, rows }, (answer) => this.type(answer));
    let onEnd: () => void;
    this.ended = new Promise((resolve) => (onEnd = resolve));
    const [file, ...args] = scenario.command as [string, ...string[]];
    const env = { PATH: '/usr/bin:/bin', HOME, TERM: 'xterm-256color', COLORTERM: 'truecolor', LANG: 'C.UTF-8' };
    this.#pty = spawnPty(
      { file, args, cwd: HOME, env: { ...env, PS1: '$ ', ...scenario.env }, cols, rows },
      { onOutput: (bytes) => this.#output(bytes), onExit: () => onEnd() },
    );
  }

  type(keys: string): void {
    this.#pty.write(Buffer.from(keys), () => undefined);
  }

  resize(cols: number, rows: number): void {
    this.#sizes.push({ offset: this.#end, cols, rows });
    this.#screen.resize(this.#end, cols, rows);
    this.#pty.resize(cols, rows);
  }

  async quiet(): Promise<void> {
    const until = Date.now() + MAX_WAIT_MS;
    this.#lastOutputAt = Date.now();
    while (Date.now() - this.#lastOutputAt < QUIET_MS && Date.now() < until) await sleep(50);
  }

  async finish(): Promise<Buffer> {
    await this.#pty.end(END_GRACE_MS);
    await this.ended;
    this.#screen.dispose();
    const head = JSON.stringify({ sizes: this.#sizes });
    const output = Buffer.concat(this.#chunks).subarray(0, MAX_BYTES);
    return gzipSync(Buffer.concat([Buffer.from(`${head}\n`), output]), { level: 9 });
  }

  #output(bytes: Buffer): void {
    this.#chunks.push(Buffer.from(bytes));
    this.#end += bytes.length;
    this.#lastOutputAt = Date.now();
    void this.#screen.feed(bytes);
  }
}

async function record(scenario: Scenario): Promise<void> {
  rmSync(HOME, { recursive: true, force: true });
  mkdirSync(HOME, { recursive: true });
  for (const [name, text] of Object.entries(scenario.files ?? {})) writeFileSync(join(HOME, name), text);
  const recorder = new Recorder(scenario);
  await recorder.quiet();
  for (const step of scenario.steps) {
    if (typeof step === 'string') recorder.type(step);
    else recorder.resize(step.cols, step.rows);
    await recorder.quiet();
  }
  const file = await recorder.finish();
  writeFileSync(join(TARGET, `${scenario.name}.gz`), file);
  rmSync(HOME, { recursive: true, force: true });
  console.log(`${scenario.name.padEnd(16)} ${String(file.length).padStart(8)} bytes`);
}

const wanted = process.argv.slice(2);
mkdirSync(TARGET, { recursive: true });
for (const scenario of scenarios(HOME)) {
  if (wanted.length === 0 || wanted.includes(scenario.name)) await record(scenario);
}
