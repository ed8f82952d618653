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

/** Which commands of kitty's reach what draws its images. */
async function drawn(...commands: string[]): Promise<string[]> {
  const terminal = new headless.Terminal({ cols: 40, rows: 6, allowProposedApi: true }) as unknown as Terminal;
  const seen: string[] = [];
  terminal.parser.registerApcHandler({ final: 'G' }, (data) => seen.push(data) > 0);
  const silencer = new QuerySilencer(terminal.parser);
  await new Promise<void>((done) => terminal.write(commands.map((data) => `\x1b_G${data}\x1b\\`).join(''), done));
  silencer.dispose();
  return seen;
}

test('of kitty’s images nothing is drawn that only asks, or that the server has refused, with all its parts', async () => {
  expect(await drawn('a=q,i=1,s=1,v=1;AAAA', 'a=T,s=1,v=1;AAAAAA==')).toEqual(['a=T,s=1,v=1;AAAAAA==']);
  expect(await drawn('a=T,U=1,f=100,m=1;AAAA', 'm=1;AAAA', 'm=0;AAAA', 'a=T,f=100,m=1;BBBB', 'm=0;CCCC')).toEqual([
    'a=T,f=100,m=1;BBBB',
    'm=0;CCCC',
  ]);
  expect(await drawn('a=T,U=1,f=100,m=1;AAAA', 'a=T,f=100;BBBB', 'a=d,d=a')).toEqual(['a=T,f=100;BBBB', 'a=d,d=a']);
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
