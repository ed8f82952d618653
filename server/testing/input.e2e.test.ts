// Typing, pasting and sizes between real clients and real processes, over a network that fails.
import { createHash, randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import {
  openHoldfast,
  type Attachment,
  type AttachOptions,
  type ConnectionStatus,
  type Held,
  type Holdfast,
} from '../../client/index.ts';
import { HELD_INPUT_BYTES } from '../../protocol/limits.ts';
import { deferred } from '../base/deferred.ts';
import { FaultProxy } from './faultProxy.ts';
import { ask, nextRefusal, openSocket } from './rawSocket.ts';
import { pidOf, startStack, type Stack } from './stack.ts';
import { clientOf, ECHO_LINES, headersOf, Terminal } from './terminal.ts';

const ADA = 'ada@example.com';
const PASTE_BYTES = 5 * 1024 * 1024;
let stack: Stack;
let network: FaultProxy;

beforeAll(async () => {
  stack = await startStack();
  network = await FaultProxy.start(stack.port);
});
afterAll(async () => {
  await network?.close();
  await stack?.remove();
});

/** A client behind the network that fails, and a way to wait for what its connection says. */
async function faultyClient() {
  const seen: ConnectionStatus['state'][] = [];
  const waiting = new Set<() => void>();
  const onConnection = ({ state }: ConnectionStatus) => {
    if (seen.at(-1) !== state) seen.push(state);
    for (const look of waiting) look();
  };
  const hf = await openHoldfast({ url: network.url, headers: headersOf(ADA), onConnection });
  onTestFinished(() => hf.close());
  const until = (isThere: () => boolean) =>
    new Promise<void>((resolve) => {
      const look = () => isThere() && (waiting.delete(look), resolve());
      waiting.add(look);
      look();
    });
  const state = (wanted: ConnectionStatus['state']) => until(() => hf.connections()[0]?.state === wanted);
  return { hf, seen, state };
}

/** Attached with what matters here, and every word of it kept. */
async function attach(hf: Holdfast, id: string, options: Partial<AttachOptions> = {}) {
  const heard = { text: '', held: [] as (Held | null)[], lost: 0, sizes: [] as string[], pending: 0 };
  const watchers = new Set<() => void>();
  const look = () => watchers.forEach((watcher) => watcher());
  const attachment: Attachment = await hf.sessions.attach(id, {
    from: 0,
    onOutput: (bytes) => ((heard.text += Buffer.from(bytes).toString('latin1')), look()),
    onState: look,
    onPending: (bytes) => ((heard.pending = bytes), look()),
    onInputLost: (bytes) => ((heard.lost += bytes), look()),
    onResized: ({ cols, rows, isInControl }) => (
      heard.sizes.push(`${cols}×${rows}${isInControl ? '' : ' of another'}`),
      look()
    ),
    ...options,
    ...(options.onHeld ? { onHeld: (held) => (heard.held.push(held), options.onHeld!(held), look()) } : {}),
  });
  const until = (isThere: () => boolean) =>
    new Promise<void>((resolve) => {
      const watcher = () => isThere() && (watchers.delete(watcher), resolve());
      watchers.add(watcher);
      watcher();
    });
  return { attachment, heard, until };
}

async function open(hf: Holdfast, command: string[]): Promise<string> {
  const { id } = await hf.sessions.open({ command, cols: 80, rows: 24 });
  onTestFinished(() => hf.sessions.close(id).catch(() => undefined));
  return id;
}

test('typing without a connection is held, bounded, told, and sent once when it is young', async () => {
  const { hf, state } = await faultyClient();
  const id = await open(hf, ECHO_LINES);
  const { attachment, heard, until } = await attach(hf, id, { onHeld: () => undefined });
  await until(() => heard.text.includes('ready'));
  network.block();
  await state('offline');
  attachment.write('held\n');
  expect(heard.held.at(-1)).toMatchObject({ bytes: 5, isAsking: false, text: 'held\n' });
  expect(() => attachment.write('x'.repeat(HELD_INPUT_BYTES))).toThrow(
    expect.objectContaining({ code: 'input.held_full' }),
  );
  attachment.write('never mind\n');
  expect(attachment.dropHeld()).toBe(16);
  attachment.write('kept\n');
  network.restore();
  hf.wake();
  await until(() => heard.text.includes('got:'));
  attachment.write('after\n');
  await until(() => heard.text.includes('got:after'));
  expect([heard.text.match(/got:.*/g)?.map((line) => line.trim()), heard.held.at(-1)]).toEqual([
    ['got:kept', 'got:after'],
    null,
  ]);
});

test('what an earlier page left is asked for; new typing waits behind it, and Send sends both in order', async () => {
  const { hf, state } = await faultyClient();
  const id = await open(hf, ECHO_LINES);
  const first = await attach(hf, id, { onHeld: () => undefined });
  await first.until(() => first.heard.text.includes('ready'));
  network.block();
  await state('offline');
  first.attachment.write('one\n');
  const kept = first.attachment.keepInput()!;
  first.attachment.detach();
  network.restore();
  const asked = deferred<void>();
  const second = await attach(await clientOf(stack.port, ADA), id, {
    kept,
    onHeld: (held) => held?.isAsking && asked.resolve(),
  });
  await asked.promise;
  second.attachment.write('two\n');
  expect(second.heard.held.at(-1)).toMatchObject({ bytes: 8, isAsking: true });
  second.attachment.sendHeld();
  await second.until(() => second.heard.text.includes('got:two'));
  expect(second.heard.text.match(/got:\w+/g)).toEqual(['got:one', 'got:two']);
});

/** A session whose program reads nothing until `go` is called. */
async function openGated(hf: Holdfast, program: string) {
  const gate = `go-${randomUUID()}`;
  const wait = `stty raw -echo; echo ready; while [ ! -e ${gate} ]; do sleep 0.05; done; rm ${gate}; ${program}`;
  const id = await open(hf, ['/bin/sh', '-c', wait]);
  const { cwd } = await hf.sessions.get(id);
  return { id, go: () => writeFileSync(join(cwd, gate), '') };
}

/** What was written in this turn is on its way. */
const sent = () => new Promise((resolve) => setImmediate(resolve));

test('what was sent and not acknowledged when a page ended is neither lost nor doubled by the next', async () => {
  const hf = await clientOf(stack.port, ADA);
  // Far more than the kernel takes for a program that does not read, so that much of it is under way when the page ends.
  const data = Array.from({ length: 20_000 }, (_, i) => String(i).padStart(9, '0') + ' ').join('');
  const { id, go } = await openGated(hf, `head -c ${data.length} | sha256sum`);
  const first = await attach(hf, id);
  await first.until(() => first.heard.text.includes('ready'));
  first.attachment.write(data.slice(0, 100_000));
  await sent();
  const kept = first.attachment.keepInput()!;
  expect([kept.sent.length > 0, kept.waiting.length > 0]).toEqual([true, true]);
  hf.close();
  const held = deferred<void>();
  const onHeld = (now: Held | null) => now?.isAsking && held.resolve();
  const second = await attach(await clientOf(stack.port, ADA), id, { kept, onHeld });
  await held.promise;
  second.attachment.sendHeld();
  second.attachment.write(data.slice(100_000));
  go();
  await second.until(() => /[0-9a-f]{64}/.test(second.heard.text));
  expect(second.heard.text).toContain(createHash('sha256').update(data).digest('hex'));
  expect(second.heard.lost).toBe(0);
});

test('a paste of 5 MiB into a slow reader arrives whole, through cuts, while another session answers its keys', async () => {
  const { hf } = await faultyClient();
  const slow = `stty raw -echo; echo ready; (while [ $((n+=1)) -lt 5 ]; do head -c 65536; sleep 0.2; done; head -c $((${PASTE_BYTES} - 4*65536))) | sha256sum`;
  const [pasteId, keysId] = [await open(hf, ['/bin/sh', '-c', slow]), await open(hf, ECHO_LINES)];
  const paste = await attach(hf, pasteId);
  const keys = await attach(hf, keysId);
  await Promise.all([
    paste.until(() => paste.heard.text.includes('ready')),
    keys.until(() => keys.heard.text.includes('ready')),
  ]);
  const data = Array.from({ length: PASTE_BYTES / 16 }, (_, i) => String(i).padStart(15, '0') + ' ').join('');
  paste.attachment.write(data);
  const progress = new Set<number>();
  for (let i = 0; i < 3; i++) {
    keys.attachment.write(`key ${i}\n`);
    await keys.until(() => keys.heard.text.includes(`got:key ${i}`));
    progress.add(paste.heard.pending);
    network.cut();
  }
  expect(Math.min(...progress)).toBeGreaterThan(0); // each key was answered before the paste was through
  await paste.until(() => /[0-9a-f]{64}/.test(paste.heard.text));
  expect(paste.heard.text).toContain(createHash('sha256').update(data).digest('hex'));
  expect(paste.heard).toMatchObject({ lost: 0, pending: 0 });
});

test('a bracketed paste that is cancelled half way ends as one', async () => {
  const hf = await clientOf(stack.port, ADA);
  const program = `let all = ''; process.stdin.on('data', (data) => { all += data;
    if (all.endsWith('.')) { console.log(JSON.stringify([all.slice(0, 8), all.slice(-8)])); process.exit(); } });`;
  const { id, go } = await openGated(hf, `exec ${process.execPath} -e "${program}"`);
  const { attachment, heard, until } = await attach(hf, id);
  await until(() => heard.text.includes('ready'));
  attachment.write(`\x1b[200~${'x'.repeat(1024 * 1024)}\x1b[201~`);
  await sent();
  expect(attachment.dropHeld()).toBeGreaterThan(0);
  attachment.write('.');
  go();
  await until(() => heard.text.includes(']'));
  expect(heard.text).toContain(JSON.stringify(['\x1b[200~xx', 'x\x1b[201~.']));
});

test('input is whole over kill -9 of the backend and of the frontend', async () => {
  const hf = await clientOf(stack.port, ADA);
  const terminal = await Terminal.open(hf, ECHO_LINES);
  onTestFinished(() => hf.sessions.close(terminal.session.id).catch(() => undefined));
  await terminal.waitFor('ready');
  for (const instance of [terminal.session.shardId, 'frontend']) {
    terminal.write(`before ${instance}\n`);
    process.kill(pidOf(stack, instance), 'SIGKILL');
    terminal.write(`after ${instance}\n`);
    await terminal.waitFor(`got:after ${instance}\r\n`);
  }
  expect(terminal.text.match(/got:\w+/g)).toEqual(['got:before', 'got:after', 'got:before', 'got:after']);
});

test('a link that swallows everything is found dead without a word from anyone, and comes back', async () => {
  const { hf, seen, state } = await faultyClient();
  const id = await open(hf, ECHO_LINES);
  const { attachment, heard, until } = await attach(hf, id);
  await until(() => heard.text.includes('ready'));
  network.blackhole();
  await state('offline');
  attachment.write('through\n');
  network.restore();
  hf.wake();
  await until(() => heard.text.includes('got:through'));
  expect(seen.slice(-3)).toEqual(['offline', 'connecting', 'online']);
});

test('a wake-up finds a dead link by its own question, and a live one stays as it was', async () => {
  const { hf, seen, state } = await faultyClient();
  const id = await open(hf, ECHO_LINES);
  const { heard, until, attachment } = await attach(hf, id);
  await until(() => heard.text.includes('ready'));
  const before = seen.length;
  hf.wake();
  attachment.write('alive\n');
  await until(() => heard.text.includes('got:alive'));
  expect(seen.length).toBe(before);
  network.blackhole();
  hf.wake();
  await state('offline');
  network.restore();
  await state('online');
});

test('the pty follows the client used last; who is not asked is told whose size it is', async () => {
  const [one, two] = [await clientOf(stack.port, ADA), await clientOf(stack.port, ADA)];
  const id = await open(one, ECHO_LINES);
  const wide = await attach(one, id, { size: { cols: 120, rows: 40 } });
  await wide.until(() => wide.heard.sizes.at(-1) === '120×40');
  const small = await attach(two, id, { size: { cols: 60, rows: 20 } });
  await wide.until(() => wide.heard.sizes.at(-1) === '60×20 of another');
  wide.attachment.write('\x1b[I'); // a focus report is no use
  wide.attachment.write('mine\n');
  await small.until(() => small.heard.sizes.at(-1) === '120×40 of another');
  wide.attachment.setView({ visible: false });
  await small.until(() => small.heard.sizes.at(-1) === '60×20');
  await small.attachment.resize(10, 4);
  await small.until(() => small.heard.sizes.at(-1) === '20×5');
  wide.attachment.detach();
  await small.attachment.resize(10, 4);
  await expect.poll(() => one.sessions.get(id)).toMatchObject({ cols: 10, rows: 4 });
});

test('over a restart of the backend the same client decides, and nothing is resized on the way', async () => {
  const [one, two] = [await clientOf(stack.port, ADA), await clientOf(stack.port, ADA)];
  const id = await open(one, ECHO_LINES);
  const { shardId } = await one.sessions.get(id);
  const small = await attach(two, id, { size: { cols: 60, rows: 20 } });
  const wide = await attach(one, id, { size: { cols: 120, rows: 40 } });
  await small.until(() => small.heard.sizes.at(-1) === '120×40 of another');
  const before = small.heard.sizes.length;
  process.kill(pidOf(stack, shardId), 'SIGKILL');
  const isBack = ({ attachment }: { attachment: Attachment }) => attachment.state === 'live';
  await Promise.all([wide.until(() => !isBack(wide)), small.until(() => !isBack(small))]);
  await Promise.all([wide.until(() => isBack(wide)), small.until(() => isBack(small))]);
  wide.attachment.write('still\n');
  await small.until(() => small.heard.text.includes('got:still'));
  expect(new Set(small.heard.sizes.slice(before))).toEqual(new Set(['120×40 of another']));
});

test('a client that only watches is refused what would change anything, by itself and by the server', async () => {
  const hf = await clientOf(stack.port, ADA);
  const id = await open(hf, ECHO_LINES);
  const { attachment, heard, until } = await attach(hf, id, { readOnly: true, size: { cols: 60, rows: 20 } });
  await until(() => heard.text.includes('ready'));
  expect(() => attachment.write('x')).toThrow(expect.objectContaining({ code: 'attachment.read_only' }));
  await expect(attachment.resize(90, 30)).rejects.toMatchObject({ code: 'attachment.read_only' });
  const { shardId } = await hf.sessions.get(id);
  const socket = await openSocket(stack.port, { headers: headersOf(ADA), shardId });
  await ask(socket, 'attach', { sessionId: id, attachmentId: 'a-spectator', handle: 1, from: 0, readOnly: true });
  expect(await ask(socket, 'resize', { handle: 1, cols: 90, rows: 30 })).toMatchObject({
    error: { code: 'attachment.read_only' },
  });
  const refusal = nextRefusal(socket);
  socket.emit('input', 1, 1, Buffer.from('x\n'));
  expect(await refusal).toMatchObject({ handle: 1, code: 'attachment.read_only' });
  expect(await hf.sessions.get(id)).toMatchObject({ cols: 80, rows: 24 });
});
