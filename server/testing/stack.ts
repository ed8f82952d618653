/** The whole of Holdfast in its real processes, in a folder of its own and on free ports, for end-to-end tests. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePorts } from './freePorts.ts';
import { StackProcesses } from './processes.ts';

const OWN = resolve(import.meta.dirname, '../..');
const READY = /^Holdfast is ready: (\S+)$/m;

export interface StackOptions {
  authMode?: 'token' | 'proxy';
  shards?: number;
  env?: Record<string, string>;
  /** An earlier stack's folder, to start again on its data. */
  home?: string;
  /** Of the frontend and of each backend; free ones otherwise. */
  ports?: [number, ...number[]];
  /** The folder of another release, built. */
  root?: string;
}

export interface Stack {
  home: string;
  port: number;
  backendPorts: number[];
  /** What `Holdfast is ready:` named; in token mode a one-time sign-in link. */
  readyUrl: string;
  origin: string;
  launcher: ChildProcess;
  /** To kill, freeze and hold down; what is frozen goes on by itself before a stop. */
  processes: StackProcesses;
  /** What the launcher printed so far. */
  output(): string;
  /** As Ctrl-C does; the folder stays. */
  stop(): Promise<number | null>;
  /** Stops what runs and removes the folder. */
  remove(): Promise<void>;
}

export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const { shards = 2, root = OWN } = options;
  const home = options.home ?? mkdtempSync(join(tmpdir(), 'hf-e2e-'));
  const [port, ...backendPorts] = options.ports ?? ((await freePorts(shards + 1)) as [number, ...number[]]);
  const portSettings = Object.fromEntries(
    backendPorts.map((backendPort, i) => [`BACKEND_${i + 1}_PORT`, String(backendPort)]),
  );
  mkdirSync(personHome(home), { recursive: true });
  const launcher = spawn(process.execPath, [join(root, 'dist/scripts/supervisor.js')], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...surroundings(home),
      HOLDFAST_HOME: home,
      PORT: String(port),
      SHARDS: String(shards),
      AUTH_MODE: options.authMode ?? 'proxy',
      ...portSettings,
      ...options.env,
    },
  });
  let output = '';
  launcher.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  launcher.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exited = new Promise<number | null>((resolve) => launcher.once('exit', (code) => resolve(code)));
  const readyUrl = await waitForReady(launcher, () => output);

  const processes = new StackProcesses({ home, port, backendPorts, launcher });
  const stop = async () => {
    processes.thawAll();
    if (launcher.exitCode === null && launcher.signalCode === null) launcher.kill('SIGTERM');
    return exited;
  };
  return {
    home,
    port,
    backendPorts,
    readyUrl,
    origin: `http://localhost:${port}`,
    launcher,
    processes,
    output: () => output,
    stop,
    async remove() {
      await stop();
      // A launcher that was killed leaves hosts and the database to the next start.
      if (launcher.signalCode !== null) await endLeftovers(root, home);
      // A process that ends may write its last line meanwhile.
      for (const folder of [home, personHome(home)]) rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

function endLeftovers(root: string, home: string): Promise<void> {
  const stop = spawn(process.execPath, [join(root, 'dist/scripts/stop.js')], {
    stdio: 'ignore',
    env: { ...surroundings(home), HOLDFAST_HOME: home },
  });
  return new Promise((resolve) => stop.once('exit', () => resolve()));
}

/** Where the shells of a stack in token mode are at home: beside its own folder, in which only what it makes itself lies. */
function personHome(home: string): string {
  return `${home}-person`;
}

/**
 * The same on every machine: whoever runs the tests may have another shell, another language, or neither. Their own
 * home may hold every shell up: what a start file locks (pyenv does) stays locked for a minute when a test kills its shell.
 */
function surroundings(home: string): Record<string, string> {
  const kept = ['PATH', 'TMPDIR'].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(kept), HOME: personHome(home), SHELL: '/bin/bash', LANG: 'C.UTF-8' };
}

/** The pid of a process of the stack, as the launcher recorded it. */
export function pidOf(stack: Stack, instance: string): number {
  const children = JSON.parse(readFileSync(join(stack.home, 'children.json'), 'utf8')) as Record<
    string,
    { pid: number }
  >;
  return children[instance]!.pid;
}

function waitForReady(launcher: ChildProcess, output: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    const look = () => {
      const ready = READY.exec(output());
      if (ready) resolve(ready[1]!);
    };
    launcher.stdout?.on('data', look);
    launcher.once('exit', (code) => reject(new Error(`the launcher ended with ${code}:\n${output()}`)));
  });
}
