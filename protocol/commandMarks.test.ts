import headless from '@xterm/headless';
import { expect, test } from 'vitest';
import { CommandMarks } from './commandMarks.ts';
import type { MarkedCommand } from './commandMarks.ts';
import type { ShellState } from './shellState.ts';
import { drawScreen } from './drawScreen.ts';
import { ScreenState } from './screenState.ts';
import { marksSequence, parseMarks, type KeptCommand } from './keptMarks.ts';

function setup(rows = 10) {
  const options = { cols: 30, rows, scrollback: 20, allowProposedApi: true };
  const terminal = new headless.Terminal(options);
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

test.each([true, false])(
  'what is kept in a picture is there when it is drawn (by our clock: %s)',
  async (isOwnClock) => {
    const one = setup();
    const odd = 'echo "ä; 😀 \\"';
    await one.write(`\x1b]7;file://h/src\x07${run(odd, 'so\r\nfar\r\n', 2)}${prompt}sleep 9\r\n${started}at work`);
    one.world.now += 3_000;
    await one.write('\x1b[?1049h a full-screen program');
    const amid = marksSequence(one.marks.keep(isOwnClock));
    const picture = drawScreen(one.terminal, new ScreenState(one.terminal), { scrollback: 20, maxBytes: 1e6, amid });
    expect(amid).toMatch(/^\x1b\]633;P;HoldfastMarks=[ -~]*\x1b\\$/);

    const other = setup();
    other.world.now = isOwnClock ? one.world.now + 500 : 3_600_000;
    await other.write(`${picture}\x1b[?1049l`);
    expect(other.marks.state).toEqual(one.marks.state);
    expect(other.ended.map(({ text, exitCode }) => [text, exitCode])).toEqual([[odd, 2]]);
    expect([other.marks.lastOutput(), other.marks.outputOf(other.marks.commands[0]!)]).toEqual(['at work', 'so\nfar']);
    other.world.now += 4_000;
    await other.write(` and done\r\n\x1b]133;D;0\x07${prompt}`);
    const took = isOwnClock ? 7_500 : 7_000; // how long it was on its way from elsewhere is not known
    expect([other.ended[1]!.durationMs, other.marks.lastOutput()]).toEqual([took, 'at work and done']);
  },
);

test('of a picture of fewer lines only their commands are kept, and what is above the drawn ones is none', async () => {
  const one = setup();
  for (const name of ['first', 'second', 'third']) await one.write(run(name, 'a\r\nb\r\nc\r\n', 0));
  const kept = (lines?: number) => one.marks.keep(false, lines).commands.map(([, , , , text]) => text);
  expect([kept(), kept(4), kept(5)]).toEqual([['first', 'second', 'third'], [], ['third']]);
  const short = setup(5);
  await short.write(`\x1bc${'\r\n'.repeat(4)}${marksSequence(one.marks.keep(false))}`);
  expect(short.marks.commands.map(({ text, prompt: { line } }) => [text, line])).toEqual([['third', 0]]);
});

test('the oldest are left out of a sequence that would be too long', () => {
  const command = (n: number): KeptCommand => [n, null, null, null, `${n}${'x'.repeat(4_000)}`, null, 0, null];
  const { state } = setup().marks;
  const kept = marksSequence({
    keptAt: null,
    state,
    commands: [3, 2, 1, 0].flatMap((n) => Array<KeptCommand>(4).fill(command(n))),
  });
  const { commands } = parseMarks(kept.slice('\x1b]633;'.length, -2))!;
  expect([commands.length, commands[0]![0], commands.at(-1)![0]]).toEqual([8, 1, 0]);
});

test('what no release of ours says is no mark, and another’s own property stays its own', async () => {
  const { marks, write } = setup();
  const property = 'P;HoldfastMarks=';
  const bad = ['', '[]', '{', '[1,2,3]', '[null,[null,false,false,null,null],[[-1,null,null,null,"x",null,0,null]]]'];
  for (const data of bad) {
    expect(parseMarks(property + data)).toBe(null);
    await write(`\x1b]633;${property}${data}\x07`);
  }
  await write('\x1b]633;P;Cwd=/tmp\x07');
  expect([marks.commands, marks.state.cwd]).toEqual([[], '/tmp']);
});
