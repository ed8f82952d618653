import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { openHoldfast, type ConnectionStatus } from '../../client/index.ts';
import { getAssignment } from '../../protocol/identity.ts';
import { defaultShardIndex } from '../../protocol/routing.ts';
import { getShardStates, listShards, updateShard } from '../../protocol/shards.ts';
import { openBrowser } from './browser.ts';
import { failuresIn } from './instances.ts';
import { refusalOf, send } from './rawHttp.ts';
import { startStack, type Stack } from './stack.ts';
import { clientOf, ECHO_LINES, headersOf, Terminal } from './terminal.ts';
import { until } from './until.ts';

const ADMIN = 'root@example.com';
const size = { cols: 80, rows: 24 };
const settings = { env: { SHARD_CAPACITY: '3', ADMIN_EMAILS: ` Root@Example.com,another@example.com` } };
let stack: Stack;

beforeAll(async () => {
  stack = await startStack(settings);
});
afterAll(() => stack?.remove());

let counter = 0;
/** Somebody new whose published default is the shard of this number. */
function newcomer(shardNumber: number, shardCount = 2): string {
  for (;;) {
    const email = `person-${counter++}@example.com`;
    if (defaultShardIndex(email, shardCount) === shardNumber - 1) return email;
  }
}

async function drain(shardId: string, draining: boolean): Promise<void> {
  const admin = await clientOf(stack.port, ADMIN);
  expect(await admin.call(updateShard, { shardId, draining })).toMatchObject({ id: shardId, draining });
}

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'none',
    (error: { code: string }) => error.code,
  );

test('a wrong shard names the owner, and the attachment is live there with every byte once', async () => {
  const hf = await clientOf(stack.port, ADMIN);
  const terminal = await Terminal.open(hf, ECHO_LINES);
  await terminal.exchange('before');
  const { id, shardId } = terminal.session;
  const wrong = shardId === 'backend-1' ? 'backend-2' : 'backend-1';
  const other = await clientOf(stack.port, ADMIN);
  let text = '';
  let isOrdered = true;
  const states: string[] = [];
  const attachment = other.sessions.attachTo(
    { id, shardId: wrong },
    {
      from: 0,
      onOutput(bytes, offset) {
        isOrdered &&= offset === Buffer.byteLength(text);
        text += Buffer.from(bytes).toString();
      },
      onState: (state) => states.push(state),
    },
  );
  attachment.write('typed before anyone knew where\n');
  await until(() => text.endsWith('got:typed before anyone knew where\r\n'));
  expect([text, isOrdered]).toEqual(['ready\r\ngot:before\r\ngot:typed before anyone knew where\r\n', true]);
  expect([attachment.state, states.includes('ended')]).toEqual(['live', false]);
  expect(other.connections().find((connection) => connection.shardId === shardId)?.state).toBe('online');
  await hf.sessions.close(id);
});

test('a draining shard is told to those on it, keeps them, gets nobody new, and stays so over a restart', async () => {
  const stays = newcomer(1);
  const statuses: ConnectionStatus[] = [];
  const url = `http://127.0.0.1:${stack.port}`;
  const hf = await openHoldfast({ url, headers: headersOf(stays), onConnection: (status) => statuses.push(status) });
  onTestFinished(() => hf.close());
  const isDraining = () => hf.connections().find(({ shardId }) => shardId === 'backend-1')?.isDraining;
  const terminal = await Terminal.open(hf, ECHO_LINES);
  await terminal.waitFor('ready');

  expect(await codeOf(hf.call(updateShard, { shardId: 'backend-1', draining: true }))).toBe('auth.forbidden');
  expect(await codeOf(hf.call(listShards, {}))).toBe('auth.forbidden');
  await drain('backend-1', true);
  await until(() => isDraining() === true);
  await until(async () => (await hf.call(getShardStates, {})).shards[0]?.state === 'draining');

  const second = await hf.sessions.open({ command: ECHO_LINES, ...size });
  expect(second.shardId).toBe('backend-1');
  const late = await clientOf(stack.port, newcomer(1));
  expect(await late.call(getAssignment, {})).toMatchObject({ shardId: 'backend-2', reason: 'default_draining' });
  const named = { method: 'POST', path: '/api/shards/backend-1/v1/sessions', body: size };
  expect(refusalOf(await send(stack.port, { ...named, headers: headersOf(newcomer(1)) }))).toBe('503 shard.full');

  await stack.processes.kill('backend-1');
  await until(() => isDraining() === false || hf.connections()[0]?.state !== 'online');
  await until(() => isDraining() === true && hf.connections()[0]?.state === 'online');
  await terminal.exchange('still here');

  const output = spawnSync(process.execPath, ['scripts/run.mjs', 'drain', 'backend-1', '--off'], {
    cwd: resolve(import.meta.dirname, '../..'),
    env: { ...process.env, HOLDFAST_HOME: stack.home },
    encoding: 'utf8',
  });
  expect([output.status, output.stdout]).toEqual([0, 'backend-1 takes new people again.\n']);
  await until(() => isDraining() === false);
  for (const id of [terminal.session.id, second.id]) await hf.sessions.close(id);
});

test('when all shards are draining, the sentence says so', async () => {
  for (const id of ['backend-1', 'backend-2']) await drain(id, true);
  const hf = await clientOf(stack.port, newcomer(2));
  await expect(hf.call(getAssignment, {})).rejects.toMatchObject({
    code: 'shard.full',
    message: expect.stringContaining('being drained') as string,
  });
  for (const id of ['backend-1', 'backend-2']) await drain(id, false);
});

test('three of a shard stay, the fourth goes to the other; when both are full people are told, and lists still work', async () => {
  // Beside them there are the reservations of the tests above.
  const admin = await clientOf(stack.port, ADMIN);
  await until(async () => (await admin.call(getShardStates, {})).shards.every(({ state }) => state === 'up'));
  const before = await admin.call(listShards, {});
  const room = (id: string) => {
    const { people, capacity } = before.shards.find((shard) => shard.id === id)!;
    return capacity - people;
  };
  const reasons: string[] = [];
  const shards: string[] = [];
  for (let i = 0; i < room('backend-1') + room('backend-2'); i++) {
    const email = newcomer(1);
    const hf = await clientOf(stack.port, email);
    const { shardId, reason } = await hf.call(getAssignment, {});
    const session = await hf.sessions.open({ command: ECHO_LINES, ...size });
    const device = await clientOf(stack.port, email);
    expect([session.shardId, (await device.call(getAssignment, {})).shardId]).toEqual([shardId, shardId]);
    reasons.push(reason);
    shards.push(shardId);
  }
  const expected = (one: string, other: string) => [
    ...Array<string>(room('backend-1')).fill(one),
    ...Array<string>(room('backend-2')).fill(other),
  ];
  expect([shards, reasons]).toEqual([expected('backend-1', 'backend-2'), expected('hash', 'default_full')]);

  const email = newcomer(1);
  const late = await clientOf(stack.port, email);
  expect(await codeOf(late.call(getAssignment, {}))).toBe('shard.full');
  expect(await codeOf(late.sessions.open({ command: ECHO_LINES, ...size }))).toBe('shard.full');
  for (const id of ['backend-1', 'backend-2']) {
    const named = { method: 'POST', path: `/api/shards/${id}/v1/sessions`, body: size, headers: headersOf(email) };
    expect([id, refusalOf(await send(stack.port, named))]).toEqual([id, '503 shard.full']);
  }
  expect(await late.sessions.list()).toEqual([]);
  const after = await admin.call(listShards, {});
  expect(after.shards.map(({ people, capacity, lease }) => ({ people, capacity, lease }))).toEqual(
    Array(2).fill({ people: 3, capacity: 3, lease: 'held' }),
  );

  const browser = await openBrowser();
  onTestFinished(() => browser.remove());
  await browser.context.setExtraHTTPHeaders(headersOf(email));
  const page = await browser.context.newPage();
  await page.goto(stack.origin);
  await page.locator('[data-testid="no-place"]').waitFor();
  expect(await page.locator('[data-testid="no-place"]').innerText()).toContain(
    'Every shard that answers is full (capacity 3)',
  );
});

test('in the browser: a cleared localStorage, and then nothing at all, lead to the same shard', async () => {
  const fresh = await startStack();
  onTestFinished(() => fresh.remove());
  const email = newcomer(2);
  const browser = await openBrowser();
  onTestFinished(() => browser.remove());
  await browser.context.setExtraHTTPHeaders(headersOf(email));
  const page = await browser.context.newPage();
  const kept = () => page.evaluate(() => localStorage.getItem('backend_assignment'));
  const online = () => page.locator('[data-testid="status-bar"][data-state="online"]').waitFor();
  await page.goto(fresh.origin);
  await online();
  const first = JSON.parse((await kept())!) as Record<string, unknown>;
  expect(first).toMatchObject({ email, shardId: 'backend-2', url: '/api/shards/backend-2', epoch: 1 });

  await page.evaluate(() => localStorage.clear());
  await page.reload();
  await online();
  expect(JSON.parse((await kept())!)).toEqual(first);

  await browser.context.clearCookies();
  await page.evaluate(async () => {
    localStorage.clear();
    for (const { name } of await indexedDB.databases()) indexedDB.deleteDatabase(name!);
  });
  await page.reload();
  await online();
  expect(JSON.parse((await kept())!)).toMatchObject({ shardId: 'backend-2', epoch: 1 });

  // Moved while the page is open: it follows by itself once its shard no longer answers.
  await fresh.processes.holdDown('backend-2');
  await page.locator('[data-testid="status-bar"][data-state="online"][data-shard="backend-1"]').waitFor();
  expect(JSON.parse((await kept())!)).toMatchObject({ shardId: 'backend-1', epoch: 2 });
});

test('a third shard and then two again: people keep or are given a shard, and what is stranded is told', async () => {
  const grown = await startStack({ shards: 3 });
  let latest = grown;
  onTestFinished(() => latest.remove());
  const email = newcomer(3, 3);
  const hf = await clientOf(grown.port, email);
  const session = await hf.sessions.open({ command: ECHO_LINES, ...size });
  expect(session.shardId).toBe('backend-3');
  await grown.stop();

  const shrunk = await startStack({ home: grown.home, shards: 2 });
  latest = shrunk;
  const back = await clientOf(shrunk.port, email);
  const moved = await back.call(getAssignment, {});
  expect([['backend-1', 'backend-2'].includes(moved.shardId), moved.reason, moved.epoch]).toEqual([
    true,
    'moved_removed',
    2,
  ]);
  expect((await back.sessions.list()).map(({ id, shardId }) => [id, shardId])).toEqual([[session.id, 'backend-3']]);
  await until(async () => (await back.call(getShardStates, {})).shards[2]?.state === 'lost');
  const terminal = await Terminal.open(back, ECHO_LINES);
  expect(terminal.session.shardId).toBe(moved.shardId);
  await terminal.exchange('work goes on');
  expect(failuresIn(shrunk)).toEqual([]);
});
