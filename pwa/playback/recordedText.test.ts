import { expect, test } from 'vitest';
import type { CastEvent } from './castFile.ts';
import { commandsIn, findText, MAX_HITS, PlainText } from './recordedText.ts';

const events = (...texts: string[]): CastEvent[] => texts.map((data, i) => ({ at: i, code: 'o', data }));
const find = (all: CastEvent[], needle: string) =>
  findText(
    all,
    needle,
    () => Promise.resolve(),
    () => true,
  );

test('sequences are no text, wherever they are cut', () => {
  const text = 'a\x1b[31mred\x1b[m b\x1b]0;title\x07c\x1b[2Cd\x1b[5;1He\x1bP1q~~\x1b\\f\x1b(Bg\r\nh';
  for (let cut = 0; cut <= text.length; cut++) {
    const plain = new PlainText();
    expect(plain.take(text.slice(0, cut)) + plain.take(text.slice(cut))).toBe('ared bc d\nefg\nh');
  }
});

test('text is found in any case, over the bounds of events, with its line', async () => {
  const all = events('first li', 'ne\r\nNeed', '\x1b[1mle here\r\n', 'needle (again)');
  expect(await find(all, 'needle')).toEqual([
    { index: 2, chars: 6, line: 'Needle here' },
    { index: 3, chars: 6, line: 'needle (again)' },
  ]);
  expect(await find(all, '(again)')).toEqual([{ index: 3, chars: 14, line: 'needle (again)' }]);
  expect(await find(all, '')).toEqual([]);
});

test('it is known how much was printed when the text was there, sequences and all, wherever they were cut', async () => {
  const text = '\x1b[31mnee\x1b[mdle\x1b[2J\x1b]0;title\x07\x1b[2Cneedle\x1b[?1049l';
  const wanted = ['\x1b[31mnee\x1b[mdle', '\x1b[31mnee\x1b[mdle\x1b[2J\x1b]0;title\x07\x1b[2Cneedle'];
  for (let cut = 0; cut <= text.length; cut++) {
    const all = events(text.slice(0, cut), text.slice(cut));
    const printed = (await find(all, 'needle')).map(({ index, chars }) => index * cut + chars);
    expect(printed.map((chars) => text.slice(0, chars))).toEqual(wanted);
  }
});

test('in a long recording too, over the bounds of what is searched at once, and not for ever', async () => {
  const filler = 'x'.repeat(100_000);
  const all = events(
    ...Array.from({ length: 20 }, () => filler),
    'nee',
    'dle',
    filler,
    ...Array.from({ length: 6 }, () => filler),
  );
  expect((await find(all, 'needle')).map(({ index }) => index)).toEqual([21]);
  expect(await find(events(...Array.from({ length: 2_000 }, () => 'hit ')), 'hit')).toHaveLength(MAX_HITS);
  let turns = 0;
  const isWanted = () => turns < 2;
  await findText(all, 'needle', () => Promise.resolve(void turns++), isWanted);
  expect(turns).toBe(2);
});

test('commands are those that the recording names, else those of the shell', () => {
  const marked = events('$ \x1b]133;B\x07ls\r\n', '\x1b]133;C\x07total', ' 0');
  expect(commandsIn(marked)).toEqual([{ index: 0, text: 'ls' }]);
  expect(commandsIn([...marked, { at: 9, code: 'm', data: 'here' }])).toEqual([{ index: 3, text: 'here' }]);
});
