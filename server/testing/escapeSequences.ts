/** A generator of what programs may print: text of all kinds between escape sequences, whole, broken and nested, and resizes. */
import { fc } from './property.ts';

export type Step = { text: string } | { cols: number; rows: number };

const n = (max: number) => fc.integer({ min: 0, max });
const row = n(14);
const col = n(44);
const csi = (...parts: (string | fc.Arbitrary<number | string>)[]) =>
  fc
    .tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part)))
    .map((all) => `\x1b[${all.join('')}`);
const oneOf = (...texts: string[]) => fc.constantFrom(...texts);

const word = fc.string({ unit: fc.constantFrom(...'abcdefgh xyz0189#@[]{}|\\~`^_'), minLength: 1, maxLength: 12 });
const longText = fc.tuple(fc.constantFrom('=', 'ab', 'x', '漢'), n(90)).map(([unit, count]) => unit.repeat(count + 1));
const wide = oneOf('漢', '字', '한', '漢字かな', '🎉', '🚀x', '👩‍👩‍👧', '❤️', '🇩🇪', '👍🏽', '\u3000', '①', '…');
const combining = oneOf('e\u0301', 'a\u0308\u0323', '\u0301', 'ก็', '\u200d', '\ufe0f', 'न्', 'x\u20dd');
const control = oneOf('\r', '\n', '\r\n', '\r\n', '\b', '\t', '\x0b', '\x0c', '\x07');

const color = fc.oneof(
  n(7),
  n(7).map((i) => 60 + i),
  n(255).map((i) => `8;5;${i}`),
  fc.tuple(n(255), n(255), n(255)).map((rgb) => `8;2;${rgb.join(';')}`),
);
const sgr = fc.oneof(
  {
    weight: 3,
    arbitrary: oneOf(
      '',
      '0',
      '1',
      '2',
      '3',
      '4',
      '5',
      '7',
      '8',
      '9',
      '21',
      '22',
      '23',
      '24',
      '25',
      '27',
      '28',
      '29',
      '39',
      '49',
      '53',
      '55',
    ),
  },
  { weight: 3, arbitrary: color.map((c) => (typeof c === 'number' ? 30 + c : `3${c}`)) },
  { weight: 3, arbitrary: color.map((c) => (typeof c === 'number' ? 40 + c : `4${c}`)) },
  fc.tuple(n(255), n(255), n(255)).map((rgb) => `38:2::${rgb.join(':')}`),
  n(255).map((i) => `48:5:${i}`),
  n(5).map((style) => `4:${style}`),
  fc.oneof(
    n(255).map((i) => `58:5:${i}`),
    fc.tuple(n(255), n(255), n(255)).map((rgb) => `58:2::${rgb.join(':')}`),
    oneOf('58;5;9', '59'),
  ),
);
const sgrs = fc.array(sgr, { minLength: 1, maxLength: 3 }).map((all) => `\x1b[${all.join(';')}m`);

const moves = fc.oneof(
  csi(row, ';', col, 'H'),
  csi(n(6), oneOf('A', 'B', 'C', 'D', 'E', 'F', 'a', 'e')),
  csi(col, oneOf('G', '`')),
  csi(row, 'd'),
  oneOf('\x1bD', '\x1bM', '\x1bE', '\x84', '\x85'),
);
/** What moves cells under a cursor past the margin could leave it there beside a blank one: see protocol/drawScreen.ts. */
const fromMargin = (sequence: fc.Arbitrary<string>) => sequence.map((text) => `\r${text}`);
const edits = fc.oneof(
  csi(oneOf('', '?'), n(3), oneOf('J', 'K')),
  csi(n(5), oneOf('@', 'P', 'X', 'L', 'M', 'b')),
  fromMargin(csi(n(5), oneOf('S', 'T'))),
  fromMargin(csi(n(3), oneOf(' @', ' A', "'}", "'~"))),
  oneOf('\x1b#8', '\x1b[1"q', '\x1b[0"q'),
);
const regions = fc.oneof(csi(row, ';', row, 'r'), oneOf('\x1b[r'));
const modes = fc.oneof(
  csi(
    oneOf(
      '4',
      '20',
      '?1',
      '?6',
      '?7',
      '?12',
      '?25',
      '?45',
      '?66',
      '?9',
      '?1000',
      '?1002',
      '?1003',
      '?1006',
      '?1016',
      '?1004',
      '?2004',
    ),
    oneOf('h', 'l'),
  ),
  oneOf('\x1b[?7h', '\x1b[4l', '\x1b[?6l'),
  oneOf('\x1b=', '\x1b>'),
  csi(n(6), ' q'),
  oneOf('\x1b[!p', '\x1bc'),
);
const charsets = fc.oneof(
  fc
    .tuple(oneOf('(', ')', '*', '+', '-', '.'), fc.constantFrom(...'0AB4CRQKYEZH='))
    .map(([slot, set]) => `\x1b${slot}${set}`),
  oneOf('\x0e', '\x0f', '\x1bn', '\x1bo', '\x1b|', '\x1b}', '\x1b~', '\x1b%G', '\x1b[?2h'),
);
/** xterm forgets a link with the screen on which it was opened first, which nobody can tell afterwards: it is closed before. */
const screens = oneOf(
  '\x1b[?1049h',
  '\x1b[?1049l',
  '\x1b[?47h',
  '\x1b[?47l',
  '\x1b[?1047h',
  '\x1b[?1047l',
  '\x1b[?1048h',
  '\x1b[?1048l',
).map((text) => `\x1b]8;;\x1b\\${text}`);
const saves = oneOf('\x1b7', '\x1b8', '\x1b[s', '\x1b[u');
const tabs = oneOf('\x1bH', '\x1b[g', '\x1b[3g', '\x1b[2I', '\x1b[Z', '\t', '\x88');
const strings = fc.oneof(
  oneOf('\x1b]0;title\x07', '\x1b]2;other title\x1b\\', '\x1b]2;überschrift\x07'),
  fc
    .tuple(oneOf('', 'id=a', 'id=b'), oneOf('http://one', 'http://two?a;b', ''))
    .map(([id, uri]) => `\x1b]8;${uri ? id : ''};${uri}\x1b\\`),
  oneOf(
    '\x1b]4;1;#ff0000\x07',
    '\x1b]4;300;#ff0000;5;rgb:1/2/3\x07',
    '\x1b]104\x07',
    '\x1b]104;1\x07',
    '\x1b]10;#123\x07',
    '\x1b]11;rgb:12/34/56;#fff\x07',
    '\x1b]111\x07',
    '\x1b]12;none\x07',
  ),
  oneOf('\x1bP$qm\x1b\\', '\x1bPq#0;~~\x1b\\', '\x1bXsos\x1b\\', '\x1b_apc\x1b\\', '\x1b]52;c;aGk=\x07'),
);
const frames = oneOf('\x1b[?2026h', '\x1b[?2026l');
const broken = oneOf(
  '\x1b',
  '\x1b[',
  '\x1b[3',
  '\x1b[3;\x18',
  '\x1b[1\x1b[m',
  '\x1b]0;cut\x1b[m',
  '\x1b[é',
  '\u009b3',
  '\u009b1m',
  '\x1b[5\u009d0;x\x07',
  '\x1bP1;2',
  '\x9c',
  '\x1b(',
  '\x1b[<1;2M',
  '\x1b[99999999999m',
  '\x1b[1;2;3;4;5;6;7;8;9;1;2;3;4;5;6;7;8;9;1;2;3;4;5;6;7;8;9;1;2;3;4;5m',
  '\x7f',
  '\0',
);
const queries = oneOf('\x1b[c', '\x1b[6n', '\x1b[?1$p', '\x1b]11;?\x07');

const text = fc.oneof(
  { weight: 16, arbitrary: word },
  { weight: 5, arbitrary: longText },
  { weight: 5, arbitrary: wide },
  { weight: 3, arbitrary: combining },
  { weight: 10, arbitrary: control },
  { weight: 12, arbitrary: sgrs },
  { weight: 10, arbitrary: moves },
  { weight: 8, arbitrary: edits },
  { weight: 4, arbitrary: regions },
  { weight: 6, arbitrary: modes },
  { weight: 4, arbitrary: charsets },
  { weight: 4, arbitrary: screens },
  { weight: 5, arbitrary: saves },
  { weight: 3, arbitrary: tabs },
  { weight: 5, arbitrary: strings },
  { weight: 2, arbitrary: frames },
  { weight: 2, arbitrary: broken },
  { weight: 1, arbitrary: queries },
);
const size = fc.record({ cols: fc.integer({ min: 2, max: 50 }), rows: fc.integer({ min: 1, max: 15 }) });

/** What a program printed, with the sizes its terminal was given meanwhile. */
export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof({ weight: 60, arbitrary: text.map((t) => ({ text: t })) }, { weight: 1, arbitrary: size }),
  { minLength: 1, maxLength: 60 },
);
