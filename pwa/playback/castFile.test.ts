import { expect, test } from 'vitest';
import { eventLine, headerLine } from '../../protocol/recordings.ts';
import { CastParser, MAX_CAST_BYTES, readCast } from './castFile.ts';

const parse = (...lines: unknown[]) => {
  const parser = new CastParser();
  parser.push(lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n') + '\n');
  return parser.end();
};
const why = (...lines: unknown[]) => {
  try {
    parse(...lines);
    return 'read';
  } catch (error) {
    return (error as Error).message.replace('This file is no recording: ', '');
  }
};
const V2 = { version: 2, width: 80, height: 24 };

test('what a shard writes is read as it was meant', () => {
  const header = headerLine({ cols: 90, rows: 30, startedAt: 1_700_000_000_000, title: 'bash', skippedBytes: 7 });
  const events = [eventLine(0, 'o', 'é\x1b[m'), eventLine(1_500, 'r', '80x24'), eventLine(1_500, 'm', 'ls')];
  const parser = new CastParser();
  for (const char of [header, ...events].join('')) parser.push(char);
  expect(parser.end()).toEqual({
    title: 'bash',
    cols: 90,
    rows: 30,
    startedAt: 1_700_000_000_000,
    skippedBytes: 7,
    isCut: false,
    events: [
      { at: 0, code: 'o', data: 'é\x1b[m' },
      { at: 1_500, code: 'r', data: '80x24' },
      { at: 1_500, code: 'm', data: 'ls' },
    ],
  });
});

test('version 3 counts from the event before, and has comments', () => {
  const { cols, rows, title, startedAt, events } = parse(
    { version: 3, term: { cols: 100, rows: 50 } },
    [1, 'o', 'a'],
    '# a remark',
    [0.5, 'i', 'typed'],
    [0.5, 'o', 'b'],
    [0.1, 'x', '0'],
  );
  expect([cols, rows, title, startedAt]).toEqual([100, 50, 'Recording', null]);
  expect(events.map(({ at, data }) => [at, data])).toEqual([
    [1_000, 'a'],
    [2_000, 'b'],
  ]);
});

test('times that go back wait, and what was cut off is played up to there', () => {
  const parser = new CastParser();
  parser.push(`${JSON.stringify(V2)}\n[2,"o","a"]\n[1,"o","b"]\n[3,"o","c`);
  const { events, isCut } = parser.end();
  expect([events.map(({ at }) => at), isCut]).toEqual([[2_000, 2_000], true]);
});

test('a file that is no recording is told apart, with the line', () => {
  expect([
    why(''),
    why('hello'),
    why('[]'),
    why({ version: 1, width: 80, height: 24, stdout: [] }),
    why({ ...V2, width: 0 }),
    why({ ...V2, height: 100_000 }),
    why(V2, 'x'),
    why(V2, [0, 'o']),
    why(V2, ['0', 'o', '']),
    why(V2, { a: 1 }, [1, 'o', '']),
    why(V2, [0, 'r', '80']),
    why(V2, [0, 'q', {}]),
  ]).toEqual([
    'it is empty.',
    'line 1 is not JSON.',
    'line 1 does not begin an asciicast of version 2 or 3.',
    'line 1 does not begin an asciicast of version 2 or 3.',
    'line 1 has no size that a terminal can have.',
    'line 1 has no size that a terminal can have.',
    'line 2 is not JSON.',
    'line 2 is no event.',
    'line 2 is no event.',
    'line 2 is no event.',
    'line 2 has no size that a terminal can have.',
    'read',
  ]);
});

test('what is no text, or too long, is not read to its end', async () => {
  let pulled = 0;
  const stream = (piece: Uint8Array<ArrayBuffer>) =>
    new ReadableStream<Uint8Array>({ pull: (controller) => (pulled++, controller.enqueue(piece)) });
  await expect(readCast(stream(new Uint8Array([0xff, 0xfe])))).rejects.toMatchObject({ code: 'recording.invalid' });
  const blank = new Uint8Array(16 * 1024 * 1024).fill(0x20);
  blank[blank.length - 1] = 0x0a;
  pulled = 0;
  await expect(readCast(stream(blank))).rejects.toMatchObject({ code: 'input.too_large' });
  expect(pulled).toBeLessThanOrEqual(MAX_CAST_BYTES / blank.length + 3);
});
