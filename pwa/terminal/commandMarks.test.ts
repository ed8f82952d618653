import headless from '@xterm/headless';
import type { Terminal } from '@xterm/xterm';
import { expect, test } from 'vitest';
import { CommandMarks } from './commandMarks.ts';
import type { MarkedCommand } from './commandMarks.ts';
import type { ShellState } from './shellState.ts';
import { drawScreen } from '../../protocol/drawScreen.ts';
import { ScreenState } from '../../protocol/screenState.ts';
import { parseMarks } from './keptMarks.ts';

function setup(rows = 10) {
  const options = { cols: 30, rows, scrollback: 20, allowProposedApi: true };
  const terminal = new headless.Terminal(options) as unknown as Terminal;
  const states: ShellState[] = [];
  const ended: MarkedCommand[] = [];
  const world = { isLive: true, now: 1_000 };
  const events = {
    shell: (state: ShellState) => states.push(state),
    ended: (command: MarkedCommand) => ended.push(command),
  };
  const marks = new CommandMarks(
    terminal,
    () => world.isLive,
    events,
    () => world.now,
  );
  const write = (data: string) => new Promise<void>((done) => terminal.write(data, done));
  return { terminal, marks, states, ended, world, write };
}

const prompt = '\x1b]133;A\x07$ \x1b]133;B\x07';
const started = '\x1b]133;C\x07';
const run = (command: string, output: string, exitCode: number) =>
  `${prompt}${command}\r\n${started}${output}\x1b]133;D;${exitCode}\x07`;

test('a command is known by its text, its output, its end and its time', async () => {
  const { marks, ended, world, write } = setup();
  await write(`${prompt}make test\r\n${started}one\r\n`);
  expect(marks.state).toEqual({ cwd: null, isRunning: true, isAtPrompt: false, command: 'make test', exitCode: null });
  world.now += 2_500;
  await write(`two\r\n\x1b]133;D;2\x07${prompt}`);
  expect(ended.map(({ text, exitCode, durationMs }) => [text, exitCode, durationMs])).toEqual([
    ['make test', 2, 2_500],
  ]);
  expect([marks.lastOutput(), marks.state.isRunning, marks.state.exitCode]).toEqual(['one\ntwo', false, 2]);
});

test('output that wraps is one line, and output without an end of line is all there', async () => {
  const { marks, write } = setup();
  await write(run('x', `${'a'.repeat(45)}\r\nrest`, 0));
  expect(marks.lastOutput()).toBe(`${'a'.repeat(45)}\nrest`);
});

test('output of a command that still runs goes to the cursor', async () => {
  const { marks, write } = setup();
  await write(`${prompt}tail -f\r\n${started}so far`);
  expect(marks.lastOutput()).toBe('so far');
});

test('what is replayed has marks, and no times', async () => {
  const { marks, ended, world, write } = setup();
  world.isLive = false;
  await write(run('ls', 'file\r\n', 0));
  expect([ended[0]!.durationMs, marks.lastOutput()]).toEqual([null, 'file']);
});

test('a command whose beginning was replayed has no time either', async () => {
  const { ended, world, write } = setup();
  world.isLive = false;
  await write(`${prompt}sleep 9\r\n${started}`);
  world.isLive = true;
  await write('\x1b]133;D;0\x07');
  expect(ended[0]!.durationMs).toBe(null);
});

test('after a snapshot nothing is claimed', async () => {
  const { marks, write } = setup();
  await write(`\x1b]7;file://h/tmp\x07${run('ls', 'file\r\n', 1)}${prompt}vi\r\n${started}`);
  await write('\x1bcthe screen');
  expect([marks.commands, marks.lastOutput(), marks.state]).toEqual([
    [],
    null,
    { cwd: null, isRunning: false, isAtPrompt: false, command: null, exitCode: null },
  ]);
  await write('\r\n\x1b]133;D;0\x07');
  expect(marks.commands).toEqual([]);
});

test('what is kept beside a picture is there again when the picture is drawn', async () => {
  const one = setup();
  await one.write(`\x1b]7;file://h/src\x07${run('make', 'so\r\nfar\r\n', 2)}${prompt}sleep 9\r\n${started}at work`);
  const kept = parseMarks(structuredClone(one.marks.keep()))!;
  const picture = drawScreen(one.terminal, new ScreenState(one.terminal), { scrollback: 20, maxBytes: 1e6 });

  const other = setup();
  await other.write(picture);
  other.marks.restore(kept);
  expect(other.marks.state).toEqual(one.marks.state);
  expect(other.ended.map(({ text, exitCode }) => [text, exitCode])).toEqual([['make', 2]]);
  expect([other.marks.lastOutput(), other.marks.outputOf(other.marks.commands[0]!)]).toEqual(['at work', 'so\nfar']);
  other.world.now += 4_000;
  await other.write(` and done\r\n\x1b]133;D;0\x07${prompt}`);
  expect([other.ended[1]!.durationMs, other.marks.lastOutput()]).toEqual([4_000, 'at work and done']);
});

test('what another release kept in another form is no mark', () => {
  expect(parseMarks(undefined)).toBe(null);
  expect(parseMarks({ ...setup().marks.keep(), form: 2 })).toBe(null);
});

test('a prompt that is drawn again, and one where nothing was typed, are one', async () => {
  const { marks, ended, write } = setup();
  await write(`${prompt}\r\n\x1b]133;D\x07${prompt}\r${prompt}ls\r\n${started}\x1b]133;D;0\x07`);
  expect([marks.commands.length, ended.length]).toEqual([1, 1]);
});

test('the shell may say the command itself, and the directory', async () => {
  const { marks, write } = setup();
  await write(
    '\x1b]633;P;Cwd=/src\x07\x1b]633;A\x07$ \x1b]633;B\x07for…\r\n> done\r\n\x1b]633;E;for x\\x3b do;n\x07\x1b]633;C\x07',
  );
  expect(marks.state).toMatchObject({ cwd: '/src', command: 'for x; do', isRunning: true });
});

test('a command of several lines has no text unless the shell says it', async () => {
  const { marks, write } = setup();
  await write(`${prompt}for x\r\n> done\r\n${started}`);
  expect(marks.state).toMatchObject({ isRunning: true, command: null });
});

test('marks in a full-screen program are not believed', async () => {
  const { marks, write } = setup();
  await write(`\x1b[?1049h${run('no', 'no\r\n', 0)}\x1b[?1049l`);
  expect(marks.commands).toEqual([]);
});

test('commands leave with their lines', async () => {
  const { marks, write } = setup(5);
  for (let i = 0; i < 100; i++) await write(run(`c${i}`, 'out\r\n', 0));
  const texts = marks.commands.map(({ text }) => text);
  expect([texts.length < 20, texts.at(-1), marks.commands.every((c) => c.prompt.line >= 0)]).toEqual([
    true,
    'c99',
    true,
  ]);
});
