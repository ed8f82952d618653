import xterm from '@xterm/headless';
import { fc } from '../../server/testing/property.ts';
import { expect, test } from 'vitest';
import { SAME_FOR_ALL } from '../../protocol/xtermState.ts';
import { dumpOf } from '../../server/testing/terminalDump.ts';
import { OutputFilter } from './outputFilter.ts';

const bytes = (text: string) => Buffer.from(text, 'utf8');

function filtered(...chunks: Uint8Array[]): Buffer {
  const filter = new OutputFilter();
  return Buffer.concat(chunks.map((chunk) => filter.take(chunk)));
}
const filteredText = (text: string) => filtered(bytes(text)).toString();

/** What a terminal shows after `data`, and what it answers. */
async function show(data: Uint8Array): Promise<{ screen: unknown; answers: string }> {
  const terminal = new xterm.Terminal({ cols: 30, rows: 8, ...SAME_FOR_ALL, logLevel: 'off' });
  let answers = '';
  terminal.onData((answer) => (answers += answer));
  await new Promise<void>((done) => terminal.write(data, done));
  const screen = dumpOf(terminal);
  terminal.dispose();
  return { screen, answers };
}

const ST = '\x1b\\';
const QUERIES = [
  ...[
    '\x1b[c',
    '\x1b[0c',
    '\x1b[>c',
    '\x1b[>0c',
    '\x1b[=c',
    '\x1b[5n',
    '\x1b[6n',
    '\x1b[?6n',
    '\x1b[?996n',
    '\x1bZ',
    '\x05',
  ],
  ...['\x1b[4$p', '\x1b[?2026$p', '\x1b[>q', '\x1b[>0q', '\x1b[18t', '\x1b[14;2t', '\x1b[x', '\x1b[?u', '\x1b[?4m'],
  ...['\u009bc', '\u009a', '\u009d11;?\u009c', '\x1b[1$w', '\x1b[?2;1;0S', '\x1b[1;1;1;1;1;1*y'],
  ...[`\x1bP$qm${ST}`, `\x1bP+q544e${ST}`, '\u0090$q"p\u009c', `\x1b_Gi=31,s=1,v=1,a=q,t=d;AAAA${ST}`],
  ...[
    '\x1b]4;1;?\x07',
    '\x1b]10;?\x07',
    `\x1b]11;?${ST}`,
    '\x1b]11;?;?\x07',
    '\x1b]52;c;?\x07',
    '\x1b]1337;ReportCellSize\x07',
  ],
];
/** What must go through, byte for byte; some of it looks like a question. */
const OTHERS = [
  ...[
    'plain text ',
    'wide 漢字 é \u{1f980} ',
    '\r\n',
    '\x1b[1;31m',
    '\x1b[m',
    '\x1b[2J',
    '\x1b[H',
    '\x1b[3;5H',
    '\x1b[?25l',
  ],
  ...[
    '\x1b[?1049h',
    '\x1b[?1049l',
    '\x1b[?1004h',
    '\x1b[?6c',
    '\x1b[>4;2m',
    '\x1b[>4n',
    '\x1b[2 q',
    '\x1b[!p',
    '\x1b[8;24;80t',
  ],
  ...[
    '\x1b[>1u',
    '\x1b[<u',
    '\x1b[u',
    '\x1b[s',
    '\x1b]0;title?\x07',
    `\x1b]2;a;?${ST}`,
    '\x1b]8;;http://a/?\x07',
    '\x1b]8;;\x07',
  ],
  ...[
    `\x1b]52;c;aGk=${ST}`,
    '\x1b]4;1;rgb:ff/00/00\x07',
    '\x1b]104\x07',
    '\x1b]9;4;1;50\x07',
    `\x1bPq#0;2;0;0;0~-${ST}`,
  ],
  ...[
    `\x1b_Gf=24,s=1,v=1;AAAA${ST}`,
    `\x1bXsos${ST}`,
    '\x1b(0',
    '\x1b(B',
    '\x1bD',
    '\x1bM',
    '\x1b7',
    '\x1b8',
    '\u009b1m',
    '\x9c',
  ],
];

test.each(QUERIES)('%j is not passed on', (query) => {
  expect(filteredText(`a${query}b`)).toBe('ab');
});

test.each(OTHERS)('%j is passed on as it is', (other) => {
  expect(filteredText(`a${other}b`)).toBe(`a${other}b`);
});

test('of colours that are set and asked for in one string, the setting goes through', () => {
  expect(filteredText('\x1b]4;1;#ff0000;2;?\x07')).toBe(`\x1b]4;1;#ff0000${ST}`);
  expect(filteredText(`\x1b]10;?;#000000;?${ST}x`)).toBe(`\x1b]11;#000000${ST}x`);
});

test('an image of kitty’s that has a number is drawn and not answered by the local terminal', () => {
  expect(filteredText(`\x1b_Ga=T,f=100,i=7,m=1;AAAA${ST}\x1b_Gm=0;AAAA${ST}`)).toBe(
    `\x1b_Ga=T,f=100,i=7,m=1,q=2;AAAA${ST}\x1b_Gm=0;AAAA${ST}`,
  );
  expect(filteredText(`\x1b_Gq=1,a=p,i=7${ST}x`)).toBe(`\x1b_Ga=p,i=7,q=2${ST}x`);
});

test('controls inside a question are carried out, a second ENQ is not', () => {
  expect(filteredText('a\x1b[\r6\x05\nnb')).toBe('a\r\nb');
  expect(filteredText('\x1b[1\x05\rm')).toBe('\r\x1b[1m');
});

test('a string that is broken off asks nothing, and what breaks it off goes on', () => {
  expect(filteredText('\x1b]11;?\x1b[1mx')).toBe('\x1b[1mx');
  expect(filteredText('\x1b]0;ti\x18x')).toBe('\x1b]0;ti\x18x');
  expect(filteredText('\x1b[6\x18nx')).toBe('\x1b[6\x18nx');
});

test('a long string goes through while it comes, and is known to be under way', () => {
  const filter = new OutputFilter();
  const image = `\x1b]1337;File=inline=1:${'A'.repeat(200_000)}`;
  const passed = Buffer.concat([filter.take(bytes(image.slice(0, 150_000))), filter.take(bytes(image.slice(150_000)))]);
  expect([passed.toString() === image, filter.isInString]).toEqual([true, true]);
  expect([Buffer.from(filter.take(bytes(`\x07$`))).toString(), filter.isInString]).toEqual(['\x07$', false]);
});

test('between two pieces the terminal is never inside a sequence or a character', () => {
  const filter = new OutputFilter();
  expect(Buffer.from(filter.take(bytes('ab\x1b[1;3'))).toString()).toBe('ab');
  expect(Buffer.from(filter.take(bytes('1mx漢'.slice(0, 3))).subarray(0)).toString()).toBe('\x1b[1;31mx');
  expect(Buffer.from(filter.take(bytes('漢').subarray(0, 2))).toString()).toBe('');
  expect(Buffer.from(filter.take(bytes('漢').subarray(2))).toString()).toBe('漢');
});

/** More for a search: the terminals make them slow. */
const RUNS = 300;
const known = fc.constantFrom(...QUERIES, ...OTHERS);
const brokenOff = fc.tuple(known, fc.nat(8)).map(([text, bytesLess]) => bytes(text).subarray(0, -bytesLess - 1));
const ascii = fc.string({
  unit: fc.integer({ min: 0, max: 127 }).map((code) => String.fromCharCode(code)),
  maxLength: 6,
});
const join = (pieces: Uint8Array[]) => Buffer.concat(pieces);
/** As programs send it; CAN at the end, because what is not complete would be held back. */
const stream = fc
  .array(fc.oneof(known.map(bytes), ascii.map(bytes)), { maxLength: 25 })
  .map((pieces) => join([...pieces, bytes('\x18')]));
/** Anything. */
const noise = fc
  .array(fc.oneof(known.map(bytes), brokenOff, fc.uint8Array({ maxLength: 6 })), { maxLength: 25 })
  .map(join);
const cuts = fc.array(fc.nat(400), { maxLength: 30 });

function cutAt(data: Buffer, at: number[]): Buffer[] {
  const places = [...new Set(at.filter((place) => place < data.length))].sort((a, b) => a - b);
  return [0, ...places].map((from, i) => data.subarray(from, places[i] ?? data.length));
}

test('where the stream is cut makes no difference', () => {
  fc.assert(
    fc.property(noise, cuts, (data, at) => {
      expect(filtered(...cutAt(data, at))).toEqual(filtered(data));
    }),
    { numRuns: 2_000 },
  );
});

test('a stream without a question goes through byte for byte', () => {
  const quiet = fc.array(fc.constantFrom(...OTHERS), { maxLength: 25 }).map((texts) => bytes(texts.join('')));
  fc.assert(
    fc.property(quiet, cuts, (data, at) => {
      expect(filtered(...cutAt(data, at))).toEqual(data);
    }),
    { numRuns: 1_000 },
  );
});

test('a terminal shows the same with the filter', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(stream, async (data) => {
      const [plain, quiet] = await Promise.all([show(data), show(filtered(data))]);
      expect(quiet.screen).toEqual(plain.screen);
    }),
    { numRuns: RUNS },
  );
});

test('whatever comes, a terminal behind the filter answers nothing', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(noise, async (data) => {
      expect((await show(filtered(data))).answers).toBe('');
    }),
    { numRuns: RUNS },
  );
});
