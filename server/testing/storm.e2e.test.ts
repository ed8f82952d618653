import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { openHoldfast } from '../../client/index.ts';
import { BusySession, intact, stateOf } from './busySession.ts';
import { FaultProxy } from './faultProxy.ts';
import { failuresIn } from './instances.ts';
import { randomSource } from './random.ts';
import { startStack, type Stack } from './stack.ts';
import { runStorm, Typist } from './storm.ts';
import { clientOf, ECHO_LINES, headersOf, Terminal } from './terminal.ts';

const SCALE = Number(process.env.HOLDFAST_TEST_SCALE ?? 1);
const SEED = Number(process.env.HOLDFAST_TEST_SEED ?? 20);
const FAULTS = 30 * SCALE;
/** About as long as the faults last. */
const BUSY_BYTES = 1_000_000 * SCALE;
const EMAIL = 'ada@example.com';
let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack?.remove());

test('the database is killed again and again while a person types: every line is answered once, at once', async () => {
  const terminal = await Terminal.open(await clientOf(stack.port, EMAIL), ECHO_LINES);
  await terminal.waitFor('ready');
  const typist = new Typist((text) => terminal.write(text), randomSource(1));
  typist.start();
  for (let i = 0; i < 3; i++) await stack.processes.restart('postgres');
  const expected = await typist.stop();
  await terminal.waitFor(expected.slice(-20));
  expect([terminal.text, terminal.states]).toEqual([expected, ['offline', 'attaching', 'live']]);
});

test(`whatever fails in whatever order (seed ${SEED}), every stream is whole and every line was typed once`, async () => {
  const networks: FaultProxy[] = [];
  for (let i = 0; i < 3; i++) networks.push(await FaultProxy.start(stack.port, SEED + i));
  onTestFinished(async () => {
    for (const network of networks) await network.close();
  });
  const busy: BusySession[] = [];
  for (let i = 0; i < 4; i++) {
    const url = networks[i % networks.length]!.url;
    const shardId = `backend-${(i % 2) + 1}`;
    const options = { port: stack.port, url, email: EMAIL, shardId, seed: SEED + i, phases: 1 };
    busy.push(await BusySession.start({ ...options, phaseBytes: BUSY_BYTES, pace: 16_000 }));
  }
  onTestFinished(() => busy.forEach((one) => one.close()));
  const typed: { terminal: Terminal; typist: Typist }[] = [];
  for (const [i, network] of networks.entries()) {
    const hf = await openHoldfast({ url: network.url, headers: headersOf(EMAIL) });
    onTestFinished(() => hf.close());
    const terminal = await Terminal.open(hf, ECHO_LINES);
    await terminal.waitFor('ready');
    onTestFinished(async () => void (await typed.find((one) => one.terminal === terminal)?.typist.stop()));
    typed.push({ terminal, typist: new Typist((text) => terminal.write(text), randomSource(SEED + i)) });
  }

  for (const { typist } of typed) typist.start();
  for (const one of busy) one.beginPhase();
  const faults: string[] = [];
  onTestFinished(({ task }) => {
    if (task.result?.state === 'fail') console.log(`the faults were:\n${faults.join('\n')}`);
  });
  await runStorm({
    stack,
    networks,
    seed: SEED,
    faults: FAULTS,
    mortals: ['backend-1', 'backend-2', 'frontend', 'backend-1.screens', 'backend-2.screens', 'postgres'],
    freezable: ['backend-1', 'backend-2', 'frontend', 'backend-1.host', 'backend-2.host', 'postgres'],
    onFault: (description) => faults.push(description),
  });

  for (const { terminal, typist } of typed) {
    const expected = await typist.stop();
    await terminal.waitFor(expected.slice(-20));
    expect(terminal.text).toBe(expected);
  }
  await Promise.all(busy.map((one) => one.untilDone()));
  expect(stateOf(busy)).toEqual(intact(busy));
  expect(failuresIn(stack)).toEqual([]);
}, 600_000);
