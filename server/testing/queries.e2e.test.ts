import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Appearance } from '../../protocol/terminal.ts';
import { startStack, type Stack } from './stack.ts';
import { clientOf, Terminal } from './terminal.ts';
import { until } from './until.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ shards: 1 });
});
afterAll(() => stack?.remove());

const ADA = 'ada@example.com';
const LOOK: Appearance = {
  foreground: '#112233',
  background: '#445566',
  cursor: '#778899',
  cellWidth: 9.4,
  cellHeight: 20,
  isDark: false,
};
const ST = '\x1b\\';
/** What is asked, and what the screen of 80×24 answers to it. */
const QUERIES: [query: string, answer: string][] = [
  ['\x1b[c', '\x1b[?1;2c'],
  ['\x1b[>c', '\x1b[>0;276;0c'],
  ['\x1b[=c', `\x1bP!|00000000${ST}`],
  ['\x1b[>q', `\x1bP>|xterm.js(6.0.0)${ST}`],
  ['\r\x1b[6n', '\x1b[24;1R'],
  ['\x1b[?25$p', '\x1b[?25;1$y'],
  ['\x1bP$qr\x1b\\', `\x1bP1$r1;24r${ST}`],
  ['\x1b]10;?\x07', `\x1b]10;rgb:1111/2222/3333${ST}`],
  ['\x1b]11;?;?\x07', `\x1b]11;rgb:4444/5555/6666${ST}\x1b]12;rgb:7777/8888/9999${ST}`],
  ['\x1b]4;1;?;20;?\x07', `\x1b]4;1;rgb:cccc/0000/0000${ST}\x1b]4;20;rgb:0000/0000/d7d7${ST}`],
  ['\x1b]4;1;#010203\x07\x1b]4;1;?\x07\x1b]104\x07', `\x1b]4;1;rgb:0101/0202/0303${ST}`],
  ['\x1b[14t', '\x1b[4;480;752t'],
  ['\x1b[16t', '\x1b[6;20;9t'],
  ['\x1b[18t', '\x1b[8;24;80t'],
  ['\x1b[?996n', '\x1b[?997;2n'],
  ['\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\', `\x1b_Gi=31;OK${ST}`],
  ['\x1b_Ga=p,i=32\x1b\\', `\x1b_Gi=32;ENOENT:no such image${ST}`],
  // Within a frame that is not over, which a program that waits for the answer would never end.
  ['\x1b[?2026h\x1b[5n', '\x1b[0n'],
];
const ASK = QUERIES.map(([query]) => query).join('');
const ANSWERS = QUERIES.map(([, answer]) => answer).join('');

/**
 * Asks everything, once at first and once for each `q`, and prints what it was told up to the answer to the last query,
 * and whatever came besides.
 */
const PROGRAM = `
  const [ask, last, done] = JSON.parse(process.argv[1]);
  let told = '', rounds = 0;
  process.stdin.setRawMode(true);
  const begin = () => process.stdout.write('\\x1b[99;1H' + ask + '\\x1b[?2026l');
  process.stdin.on('data', (data) => {
    for (const char of data.toString('latin1')) {
      if (char === 'q' && told === '') { begin(); continue; }
      told += char;
      if (!told.endsWith(last)) continue;
      process.stdout.write('round ' + ++rounds + ': ' + JSON.stringify(told) + '\\r\\n');
      told = '';
      require('node:fs').writeFileSync(done + rounds, '');
    }
  });
  begin();`;

function roundIn(terminal: Terminal, round: number): string {
  return JSON.parse(new RegExp(`round ${round}: (".*")`).exec(terminal.text)![1]!) as string;
}

test('everything is answered once, with nobody and with three attached, while output is replayed, and over the death of what answers', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hf-queries-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const hf = await clientOf(stack.port, ADA);
  hf.setAppearance(LOOK);
  const settings = JSON.stringify([ASK, QUERIES.at(-1)![1], join(folder, 'round')]);
  const command = [process.execPath, '-e', PROGRAM, settings];
  const session = await hf.sessions.open({ command, cols: 80, rows: 24 });

  // Nobody has attached, so nobody has said how it looks.
  await until(() => existsSync(join(folder, 'round1')));
  const first = await Terminal.attach(hf, session);
  await first.waitFor('round 1');
  await first.waitFor('\r\n');
  expect(roundIn(first, 1).startsWith(ANSWERS.slice(0, ANSWERS.indexOf('\x1b]10;')))).toBe(true);
  expect(roundIn(first, 1)).toContain(`\x1b]11;rgb:0c0c/0f0f/1111${ST}`);

  let round = 1;
  const ask = async () => {
    first.write('q');
    const text = await first.waitFor(`round ${++round}: `);
    if (!text.slice(text.indexOf(`round ${round}: `)).includes('\r\n'))
      await until(() => /round \d+: .*\r\n$/.test(first.text));
    return roundIn(first, round);
  };
  expect(await ask()).toBe(ANSWERS);

  // Two more, and each is given everything that was printed so far, queries and all.
  const others = [await Terminal.attach(hf, session), await Terminal.attach(await clientOf(stack.port, ADA), session)];
  for (const other of others) await other.waitFor(`round ${round}: `);
  expect(await ask()).toBe(ANSWERS);

  await stack.processes.kill('backend-1.screens');
  expect(await ask()).toBe(ANSWERS);
  expect(await ask()).toBe(ANSWERS);

  await stack.processes.restart('backend-1');
  await until(() => first.attachment.state === 'live');
  expect(await ask()).toBe(ANSWERS);
  expect(await ask()).toBe(ANSWERS);
});

test('a picture is the screen first and the lines above it after, for who asks for that', async () => {
  const hf = await clientOf(stack.port, ADA);
  const command = ['/bin/sh', '-c', 'stty -echo; seq 1 200; echo ready; read -r end'];
  const session = await hf.sessions.open({ command, cols: 80, rows: 24 });
  const first = await Terminal.attach(hf, session);
  await first.waitFor('ready');

  const pictures: { kind: string; offset: number; hasOldest: boolean; hasNewest: boolean }[] = [];
  const note = (kind: string) => (bytes: Uint8Array, offset: number) => {
    const text = Buffer.from(bytes).toString();
    const [hasOldest, hasNewest] = [/\b100\b/.test(text), text.includes('ready')];
    pictures.push({ kind, offset, hasOldest, hasNewest });
  };
  const offset = first.size;
  const onOutput = () => undefined;
  await hf.sessions.attach(session.id, { onOutput, onSnapshot: note('snapshot'), onHistory: note('history') });
  await until(() => pictures.length === 2);
  await hf.sessions.attach(session.id, { onOutput, onSnapshot: note('snapshot') });
  await until(() => pictures.length === 3);
  expect(pictures).toEqual([
    { kind: 'snapshot', offset, hasOldest: false, hasNewest: true },
    { kind: 'history', offset, hasOldest: true, hasNewest: true },
    { kind: 'snapshot', offset, hasOldest: true, hasNewest: true },
  ]);
});

test('pictures are there again after the death of the screens process, without anybody noticing', async () => {
  const hf = await clientOf(stack.port, ADA);
  const command = ['/bin/sh', '-c', 'stty -echo; echo ready; read -r end'];
  const sessions = await Promise.all(
    Array.from({ length: 8 }, () => hf.sessions.open({ command, cols: 80, rows: 24 })),
  );
  for (const session of sessions) await (await Terminal.attach(hf, session)).waitFor('ready');
  await stack.processes.kill('backend-1.screens');
  const texts = await Promise.all(
    sessions.map(
      (session) =>
        new Promise<string>((resolve, reject) => {
          const options = {
            onOutput: () => undefined,
            onSnapshot: (bytes: Uint8Array) => resolve(Buffer.from(bytes).toString()),
          };
          hf.sessions.attach(session.id, options).catch(reject);
        }),
    ),
  );
  expect(texts.map((text) => text.includes('ready'))).toEqual(sessions.map(() => true));
});
