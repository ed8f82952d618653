/**
 * Breaks things at full size and for long: what the gates show in a minute must hold here as well.
 * Starts instances of its own from dist/. Exit code 0 when everything held.
 * npm run soak [-- --minutes 10 --seed 1 --only cuts,cycles,tails,crowd,storm]
 */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { processFacts } from '../db/embedded/processes.ts';
import { openHoldfast } from '../client/index.ts';
import { BusySession, intact, stateOf } from '../server/testing/busySession.ts';
import { cutStream } from '../server/testing/cutStream.ts';
import { tails as burstsThatEnd } from '../server/testing/hostCycles.ts';
import { hashOf } from '../server/testing/numberedOutput.mjs';
import { childrenOf, type Backend, type Role } from '../server/testing/processes.ts';
import { startStack, type Stack } from '../server/testing/stack.ts';
import { until } from '../server/testing/until.ts';

const { values } = parseArgs({
  options: {
    /** How long `crowd` and `storm` go on, each. */
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: 'cuts,cycles,tails,crowd,storm' },
  },
});
const seed = Number(values.seed);
const untilTime = () => Date.now() + Number(values.minutes) * 60_000;
const root = resolve(import.meta.dirname, '..');
const headers = { 'X-Forwarded-Email': 'soak@example.com' };
const SHARDS: Backend[] = ['backend-1', 'backend-2'];

const soaks: Record<string, () => Promise<string>> = { cuts, cycles, tails, crowd, storm };

/** 500 random cuts over 200 MB of one stream. */
async function cuts(): Promise<string> {
  return onStack(async (stack) => {
    const totalBytes = 200_000_000;
    const startedAt = performance.now();
    const stream = await cutStream({
      port: stack.port,
      headers,
      totalBytes,
      cuts: 500,
      seed,
      onCut: (count, received) => count % 100 === 0 && progress(`${count} cuts, ${megabytes(received)} MB`),
    });
    mustEqual('the stream', [stream.exit.code, stream.received, stream.hash], [0, totalBytes, hashOf(totalBytes)]);
    const seconds = (performance.now() - startedAt) / 1000;
    return `${stream.cuts} cuts over ${megabytes(stream.received)} MB in ${seconds.toFixed(1)} s, every byte once`;
  });
}

/** 600 programs that print 200 kB and end at once, in every way in which the last byte could be lost. */
async function tails(): Promise<string> {
  const count = 600;
  const lost = await burstsThatEnd(count, 8, (done) => done % 100 === 0 && progress(`${done} bursts`));
  mustEqual('what was lost', lost, []);
  return `${count} bursts, every last byte`;
}

/** 2,000 sessions begun and closed, with children that try to stay: no descriptor, zombie, file, row or process is left. */
async function cycles(): Promise<string> {
  return onStack(async (stack) => {
    const hf = await openHoldfast({ url: stack.origin, headers });
    const count = 2_000;
    const atOnce = 8;
    const marker = 31_536_000 + (seed % 1000);
    const script = `setsid sleep ${marker} & (sleep ${marker} &) ; exec sleep ${marker}`;
    const cycle = async () => {
      const { id } = await hf.sessions.open({ command: ['/bin/sh', '-c', script], cols: 80, rows: 24 });
      await hf.sessions.close(id);
    };
    await cycle(); // whatever is opened once and kept
    const before = descriptors(stack);
    let begun = 0;
    let ended = 0;
    const worker = async () => {
      while (begun++ < count) {
        await cycle();
        if (++ended % 500 === 0) progress(`${ended} cycles`);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    hf.close();
    const left = () => ({
      descriptors: descriptors(stack),
      children: SHARDS.flatMap((shard) => childrenOf(stack.processes.get(`${shard}.host`).pid)),
      sleepers: sleepersOf(marker),
      files: SHARDS.flatMap((shard) => listDir(join(stack.home, 'shards', shard, 'sessions'))),
    });
    const clean = { descriptors: before, children: [], sleepers: [], files: [] };
    const deadline = Date.now() + 15_000;
    await until(() => isDeepStrictEqual(left(), clean) || Date.now() > deadline);
    mustEqual('what is left', left(), clean);
    const rows = await openHoldfast({ url: stack.origin, headers });
    mustEqual('rows', await rows.sessions.list(), []);
    rows.close();
    return `${count} cycles, nothing left`;
  });
}

/** 75 + 75 busy sessions; each process is killed in its turn, again and again. */
async function crowd(): Promise<string> {
  return onStack(async (stack) => {
    const everyone: BusySession[] = [];
    const victims: Role[] = ['frontend', 'postgres', ...SHARDS, ...SHARDS.map((shard): Role => `${shard}.screens`)];
    for (let i = 0; i < 150; i++) {
      const email = `person-${i % 10}@example.com`;
      const shardId = SHARDS[i % SHARDS.length]!;
      const options = { port: stack.port, email, shardId, seed: seed + i, phases: 1_000_000 };
      everyone.push(await BusySession.start({ ...options, phaseBytes: 100_000, pace: 12_000 }));
    }
    progress(`${everyone.length} sessions print`);
    const end = untilTime();
    let kills = 0;
    const before = programs(stack);
    while (Date.now() < end) {
      const victim = victims[kills % victims.length]!;
      for (const busy of everyone) busy.beginPhase();
      await Promise.all(everyone.map((busy) => busy.untilDone(1 / 3)));
      await stack.processes.restart(victim);
      await Promise.all(everyone.map((busy) => busy.untilDone()));
      kills++;
      mustEqual(`the streams after the death of ${victim}`, stateOf(everyone), intact(everyone));
      mustEqual(`the programs after the death of ${victim}`, programs(stack), before);
      progress(`${kills} deaths, the last one of ${victim}`);
    }
    for (const busy of everyone) busy.close();
    const bytes = everyone.reduce((sum, { received }) => sum + received, 0);
    return `${kills} deaths among ${everyone.length} sessions, ${megabytes(bytes)} MB, every byte once, the same programs`;
  });
}

/** The storm of the gates with one seed after the other. */
async function storm(): Promise<string> {
  const end = untilTime();
  let count = 0;
  do {
    const stormSeed = seed + count++;
    progress(`storm with seed ${stormSeed}`);
    const vitest = join(root, 'node_modules/.bin/vitest');
    const args = [
      `HOLDFAST_TEST_SEED=${stormSeed}`,
      vitest,
      'run',
      '--project',
      'e2e',
      'server/testing/storm.e2e.test.ts',
    ];
    const code = await run('env', args);
    mustEqual(`the exit code of the storm with seed ${stormSeed}`, code, 0);
  } while (Date.now() < end);
  return `${count} storms`;
}

async function onStack<T>(use: (stack: Stack) => Promise<T>): Promise<T> {
  const stack = await startStack();
  try {
    return await use(stack);
  } finally {
    await stack.remove();
  }
}

function programs(stack: Stack): string[] {
  const pids = SHARDS.flatMap((shard) => childrenOf(stack.processes.get(`${shard}.host`).pid));
  return pids.map((pid) => `${pid} ${processFacts(pid)?.startTime}`).sort();
}

/** Open descriptors of each pty host. */
function descriptors(stack: Stack): number[] {
  return SHARDS.map((shard) => listDir(`/proc/${stack.processes.get(`${shard}.host`).pid}/fd`).length);
}

/** Processes that sleep for just so long, wherever they have fled to. */
function sleepersOf(seconds: number): number[] {
  const pids = listDir('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => processFacts(pid)?.command === `sleep ${seconds}`);
}

function listDir(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function run(file: string, args: string[]): Promise<number | null> {
  const child = spawn(file, args, { cwd: root, stdio: 'inherit' });
  return new Promise((resolve) => child.once('exit', resolve));
}

function mustEqual(what: string, found: unknown, expected: unknown): void {
  if (isDeepStrictEqual(found, expected)) return;
  throw new Error(`${what}: ${shown(found)} instead of ${shown(expected)}`);
}

const shown = (value: unknown) => JSON.stringify(value).slice(0, 2_000);
const megabytes = (bytes: number) => Math.round(bytes / 1e6);
const startedAt = Date.now();
const progress = (what: string) => console.log(`  ${Math.round((Date.now() - startedAt) / 1000)} s  ${what}`);

const chosen = values.only.split(',').filter(Boolean);
const unknown = chosen.filter((name) => !(name in soaks));
if (unknown.length > 0) {
  console.error(`There is no soak named ${unknown.join(', ')}; there are ${Object.keys(soaks).join(', ')}.`);
  process.exit(2);
}
console.log(`seed ${seed}`);
const summary: string[] = [];
for (const name of chosen) {
  console.log(name);
  try {
    summary.push(`held    ${name}: ${await soaks[name]!()}`);
  } catch (error) {
    process.exitCode = 1;
    summary.push(`FAILED  ${name}: ${(error as Error).message}`);
  }
}
console.log(`\n${summary.join('\n')}\nseed ${seed}`);
