import headless from '@xterm/headless';
import type { Terminal } from '@xterm/xterm';
import { expect, test } from 'vitest';
import { QuerySilencer } from './queries.ts';

async function answersTo(data: string): Promise<string> {
  const terminal = new headless.Terminal({ cols: 40, rows: 6, allowProposedApi: true }) as unknown as Terminal;
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

test('typing right after a query is not lost', async () => {
  const terminal = new headless.Terminal({ cols: 40, rows: 6, allowProposedApi: true }) as unknown as Terminal;
  const silencer = new QuerySilencer(terminal.parser);
  await new Promise<void>((done) => terminal.write('\x1b[?1004h\x1b]4;1;#ff0000;2;?\x07', done));
  await Promise.resolve();
  expect(silencer.isMuted).toBe(false);
});
