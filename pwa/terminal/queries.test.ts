import headless from '@xterm/headless';
import type { Terminal } from '@xterm/xterm';
import { expect, test } from 'vitest';
import { isImageAnswer, QuerySilencer } from './queries.ts';

/** Off in the app as well, but then it would be them who keep it silent. */
const windowOptions = { getWinSizeChars: true, getWinSizePixels: true, getCellSizePixels: true };

async function answersTo(data: string): Promise<string> {
  const terminal = new headless.Terminal({
    cols: 40,
    rows: 6,
    allowProposedApi: true,
    windowOptions,
  }) as unknown as Terminal;
  const silencer = new QuerySilencer(terminal.parser);
  let answers = '';
  terminal.onData((answer) => {
    if (!silencer.isMuted) answers += answer;
  });
  await new Promise<void>((done) => terminal.write(data, done));
  return answers;
}

test('no query is answered', async () => {
  const queries = [
    ...[
      '\x1b[c',
      '\x1b[>c',
      '\x1b[=c',
      '\x1b[5n',
      '\x1b[6n',
      '\x1b[?6n',
      '\x1b[4$p',
      '\x1b[?25$p',
      '\x1b[>q',
      '\x1b[18t',
    ],
    ...['\x1bP$qm\x1b\\', '\x1b]4;1;?\x07', '\x1b]10;?\x07', '\x1b]11;?;?\x07', '\x1b]52;c;?\x07', '\x1b[?1004h'],
  ];
  const answers = await Promise.all(queries.map(answersTo));
  expect(answers.filter((answer) => answer !== '')).toEqual([]);
});

/** Every sequence there can be with a numeric parameter of any known query. Colours are answered by the terminal with a display only. */
test('no sequence at all is answered', async () => {
  const numbers = [
    '',
    '0',
    '1',
    '2',
    '4',
    '5',
    '6',
    '7',
    '8',
    '11',
    '12',
    '14',
    '15',
    '16',
    '18',
    '19',
    '20',
    '21',
    '25',
  ];
  const codes = [...numbers, '26', '45', '47', '53', '66', '67', '996', '1000', '1004', '1006', '1049', '2004', '2026'];
  const finals = Array.from({ length: 0x7e - 0x40 + 1 }, (_, i) => String.fromCharCode(0x40 + i));
  const all = ['', '?', '>', '=', '<'].flatMap((prefix) =>
    ['', ' ', '!', '"', '$', "'", '*'].flatMap((middle) =>
      codes.flatMap((code) => finals.map((final) => `\x1b[${prefix}${code}${middle}${final}`)),
    ),
  );
  const strings = ['m', 'r', ' q', '"q', '"p', 's', 't', '*x'].flatMap((what) => [
    `\x1bP$q${what}\x1b\\`,
    `\x1bP+q${what}\x1b\\`,
  ]);
  expect(await answersTo([...all, ...strings, '\x1bZ', '\x05'].join(''))).toBe('');
});

test('what the add-on for images says of the size of cells is not sent', async () => {
  const terminal = new headless.Terminal({ cols: 40, rows: 6, allowProposedApi: true }) as unknown as Terminal;
  let isMuted: boolean | undefined;
  // As the add-on does: within the task, and also when another has taken the sequence.
  terminal.parser.registerOscHandler(1337, () => ((isMuted = silencer.isMuted), true));
  const silencer = new QuerySilencer(terminal.parser);
  await new Promise<void>((done) => terminal.write('\x1b]1337;ReportCellSize\x07', done));
  expect(isMuted).toBe(true);
  await new Promise<void>((done) => terminal.write('\x1b]1337;CurrentDir=/\x07', done));
  expect(isMuted).toBe(false);
});

test('what is said of an image is told from what a person types', () => {
  expect(['\x1b_Gi=1;OK\x1b\\', '\x1b', 'G', '\x1b_', '\x1b[200~\x1b_G'].map((data) => isImageAnswer(data))).toEqual([
    true,
    false,
    false,
    false,
    false,
  ]);
});

test('typing right after a query is not lost', async () => {
  const terminal = new headless.Terminal({ cols: 40, rows: 6, allowProposedApi: true }) as unknown as Terminal;
  const silencer = new QuerySilencer(terminal.parser);
  await new Promise<void>((done) => terminal.write('\x1b[?1004h\x1b]4;1;#ff0000;2;?\x07', done));
  await Promise.resolve();
  expect(silencer.isMuted).toBe(false);
});
