import headless from '@xterm/headless';
import type { Terminal } from '@xterm/xterm';
import { expect, test } from 'vitest';
import { ClipboardWrites, MAX_CLIPBOARD_BYTES, parseOsc52 } from './clipboardWrites.ts';
import type { ClipboardRequest } from './clipboardWrites.ts';
import type { Freshness } from './freshness.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');

test('a text for any clipboard is a write, whatever the target is called', () => {
  expect([parseOsc52(`c;${base64('grüße')}`), parseOsc52(`;${base64('a')}`), parseOsc52(`p;${base64('b')}`)]).toEqual([
    { kind: 'write', text: 'grüße' },
    { kind: 'write', text: 'a' },
    { kind: 'write', text: 'b' },
  ]);
});

test('reads, what is too large and what is no text are refused', () => {
  const large = base64('x'.repeat(MAX_CLIPBOARD_BYTES + 10));
  expect(['c;?', `c;${large}`, 'c;/////w==', 'c;%%%', 'c;', 'c'].map(parseOsc52)).toEqual([
    { kind: 'refused', why: 'read' },
    { kind: 'refused', why: 'tooLarge' },
    { kind: 'refused', why: 'notText' },
    { kind: 'refused', why: 'notText' },
    null,
    null,
  ]);
});

test('just as much as is allowed is taken', () => {
  expect(parseOsc52(`c;${base64('x'.repeat(MAX_CLIPBOARD_BYTES))}`)?.kind).toBe('write');
});

test('a read is answered with nothing, and old output copies nothing', async () => {
  const terminal = new headless.Terminal({ allowProposedApi: true }) as unknown as Terminal;
  const [answers, asked]: [string[], ClipboardRequest[]] = [[], []];
  const gate = { now: 'live' as Freshness };
  new ClipboardWrites(terminal.parser, gate, (request) => asked.push(request));
  terminal.onData((data) => answers.push(data));
  const write = (data: string) => new Promise<void>((done) => terminal.write(data, done));
  await write(`\x1b]52;c;?\x07\x1b]52;c;${base64('new')}\x07`);
  gate.now = 'old';
  await write(`\x1b]52;c;${base64('old')}\x07`);
  expect([answers, asked]).toEqual([
    [],
    [
      { kind: 'refused', why: 'read' },
      { kind: 'write', text: 'new' },
    ],
  ]);
});
