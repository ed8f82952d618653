import { fc } from '../testing/property.ts';
import { expect, test } from 'vitest';
import { steps, type Step } from '../testing/escapeSequences.ts';
import { cutAt, neverCut, PROBE, type Recording } from '../testing/screenCuts.ts';

function recordingOf(list: Step[]): Recording {
  const parts: Buffer[] = [];
  const sizes = [{ offset: 0, cols: 40, rows: 10 }];
  let offset = 0;
  const print = (text: string) => (offset += parts[parts.push(Buffer.from(text)) - 1]!.length);
  let isAlternate = false;
  for (const step of list) {
    if ('text' in step) {
      print(step.text);
      isAlternate = /\x1b\[\?(1049|47|1047)h/.test(step.text) || (isAlternate && !/l$|\x1bc$/.test(step.text));
      continue;
    }
    sizes.push({ offset, ...step });
    // What a smaller window hides of the alternate screen cannot be drawn, and programs draw themselves again anyway.
    if (isAlternate) print('\x1b[2J');
  }
  return { bytes: Buffer.concat(parts), sizes };
}

/** The same cases every time, unless others are asked for; a failure names its seed. */
const RUNS = Number(process.env.HOLDFAST_CUT_RUNS ?? 150);
const SEED = Number(process.env.HOLDFAST_CUT_SEED ?? 2026);

test(
  'whatever a program prints, a picture at any cut and the bytes after it make the same terminal',
  { timeout: 600_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.array(fc.nat(), { minLength: 1, maxLength: 4 }), async (list, seeds) => {
        const recording = recordingOf(list);
        const cuts = [...new Set(seeds.map((seed) => seed % (recording.bytes.length + 1)))].sort((a, b) => a - b);
        for (const probe of ['', PROBE.join('')]) {
          const whole = await neverCut(recording, probe);
          for (const { dump } of await cutAt(recording, cuts, probe)) expect(dump).toEqual(whole);
        }
      }),
      { numRuns: RUNS, seed: SEED },
    );
  },
);

/** Each cut at every byte: one state that does not show, or shows only with what comes next. */
const STATES: [state: string, output: string][] = [
  ['scroll region', 'top\x1b[3;6r\x1b[6;1Hlast\r\n'],
  ['origin mode', '\x1b[3;6r\x1b[?6h\x1b[2;2Hx'],
  ['insert mode', 'abcdef\x1b[4h\x1b[1;2HX'],
  ['insert mode at the margin', `${'a'.repeat(39)}\x1b[4hb`],
  ['no wrapping', `\x1b[?7l${'a'.repeat(45)}b`],
  ['wrapping back', `\x1b[?45h${'a'.repeat(41)}\b\b`],
  ['line feed with return', 'a\x1b[20hb\nc'],
  ['a pending wrap', 'x'.repeat(40)],
  ['a pending wrap in other colours', `${'x'.repeat(39)}\x1b[31my\x1b[32m`],
  ['a pending wrap of a wide character', `${'x'.repeat(38)}漢`],
  ['a pending wrap in a row that was erased', `${'x'.repeat(40)}\x1b[44m\x1b[2K`],
  ['a wide character that did not fit', `${'x'.repeat(39)}漢`],
  ['a wrapped line of which the margin was erased', `${'x'.repeat(50)}\x1b[1;40H\x1b[X`],
  ['a wrapped line that begins blank', `${'x'.repeat(50)}\x1b[2;1H\x1b[41m\x1b[5X`],
  ['a wrapped line that scrolled in colour', `\r\n\x1b[10;1H\x1b[42m${'x'.repeat(50)}\x1b[m`],
  ['half of a wide character', 'a漢b\x1b[1;3H\x1b[7;4mx\x1b[m'],
  ['half of a wide character at the margin', `\x1b[1;39H漢\x1b[1;39H\x1b[7mx\x1b[m`],
  ['tab stops', '\x1b[3g\x1b[5G\x1bH\x1b[17G\x1bH\r\t'],
  ['a saved cursor', 'ab\x1b[31;44;1m\x1b[4;7H\x1b7\x1b[m\x1b[H'],
  ['a saved cursor with a charset', '\x1b(0\x1b[4;7H\x1b7\x1b(B\x1b[H'],
  ['a cursor saved with its charsets', '\x1b(0\x1b)A\x0e\x1b[4;7H\x1b7\x0f\x1b(B\x1b[H'],
  ['a cursor saved in origin mode, without wrapping', '\x1b[2;5r\x1b[?6h\x1b[?7l\x1b[2;3H\x1b7\x1b[?6l\x1b[?7h\x1b[r'],
  [
    'two saved cursors, of which the first knows fewer',
    '\x1b[?47h\x1b[3;3H\x1b7\x1b[?47l\x1b(0\x1b)A\x1b[2;2H\x1b7\x1b(B',
  ],
  [
    'an underline that does not show, behind modes',
    '\x1b(0\x1b[?6h\x1b[?7l\x1b7\x1b[?6l\x1b[?7h\x1b[4:3m\x1b8\x1b(B\x1b[?6l',
  ],
  ['a restored charset', '\x1b(0\x1b7\x1b(B\x1b8q'],
  ['a saved cursor that scrolled away', '\x1b[2;2H\x1b7\x1b[10;1H\n\n\n'],
  ['charsets G0 to G3', '\x1b(0\x1b)A\x1b*4\x1b+H\x0e#'],
  ['shifted to G3', '\x1b+0\x1boq'],
  ['a full screen', 'shell\x1b[31m\x1b[?1049h\x1b[mfull\x1b[3;5r\x1b7\x1b[5;5H'],
  ['a full screen that was left', 'shell\x1b[?1049h\x1b[3;3H\x1b[31m\x1b7\x1b[?1049l\x1b[m'],
  ['colours behind a full screen', '\x1b[44mshell\x1b[?1049h\x1b[2J'],
  ['the cursor: hidden, steady, a bar', '\x1b[?25l\x1b[6 q\x1b[?12l'],
  ['mouse and its encoding', '\x1b[?1002h\x1b[?1006h'],
  ['keys', '\x1b[?1h\x1b=\x1b[?2004h\x1b[?1004h'],
  ['underlines', '\x1b[4:3;58:2::1:2:3mcurly\x1b[58:5:77m\x1b[4:5mdashed\x1b[24m'],
  ['a colour of underlines for later', '\x1b[58:2::1:2:3m'],
  ['links', '\x1b]8;;http://a\x1b\\one\x1b]8;id=x;http://b;c\x1b\\two\r\nthree\x1b]8;;\x1b\\four'],
  ['protected text', 'a\x1b[1"qb\x1b[0"qc\x1b[?1K'],
  ['colours of the palette', '\x1b]4;3;#123456\x07\x1b]10;#fff;#000\x07\x1b]104;3\x07'],
  ['a title', '\x1b]0;one\x07\x1b]2;two\x1b\\'],
  ['a character to repeat', '\x1b[31m漢'],
  ['a character to join', 'e\u0301👩\u200d'],
  ['flags beside each other', '🇩🇪\x1b[1;1H🇫🇷\x1b[1;3H🇪\x1b[1;4H🇺'],
  ['an unfinished sequence', 'a\x1b[3\x18b\x1b]0;t\x1b[1mc'],
];

test.each(STATES)('%s', async (_, output) => {
  const recording = recordingOf([{ text: output }]);
  const cuts = Array.from({ length: recording.bytes.length + 1 }, (_, cut) => cut);
  for (const probe of ['', PROBE.join('')]) {
    const whole = await neverCut(recording, probe);
    for (const { cut, dump } of await cutAt(recording, cuts, probe))
      expect({ cut, ...dump }).toEqual({ cut, ...whole });
  }
});
