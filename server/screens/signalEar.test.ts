import xterm from '@xterm/headless';
import { expect, test } from 'vitest';
import { LONG_COMMAND_MS } from '../../protocol/attention.ts';
import { UnicodeGraphemesAddon } from './graphemes.ts';
import { Screen } from './screen.ts';
import { SignalEar } from './signalEar.ts';

function setUp() {
  const terminal = new xterm.Terminal({ cols: 40, rows: 6, allowProposedApi: true });
  terminal.loadAddon(new UnicodeGraphemesAddon());
  const state = { isNews: true, now: 1_000_000 };
  const ear = new SignalEar(
    terminal,
    () => state.isNews,
    () => state.now,
  );
  const hear = async (output: string) => {
    await new Promise<void>((done) => terminal.write(output, done));
    return ear.take();
  };
  const said = async (output: string) => {
    const signal = (await hear(output))?.signal;
    return signal ? `${signal.kind}: ${signal.text}` : null;
  };
  return { state, hear, said };
}

const [PROMPT, TYPED, RUNS] = ['\x1b]133;A\x07$ \x1b]133;B\x07', '\r\n', '\x1b]133;C\x07'];
const ends = (code: number) => `\x1b]133;D;${code}\x07`;

test('a thousand bells in one piece are one, and one that rings without end rings every two seconds', async () => {
  const { state, said } = setUp();
  expect([await said('\x07'.repeat(1_000)), await said('\x07')]).toEqual(['bell: The bell rang', null]);
  state.now += 2_000;
  expect(await said('\x07')).toBe('bell: The bell rang');
});

test('notices are told as they are, and as a plea when they say that they wait, or are critical', async () => {
  const { said } = setUp();
  expect([
    await said('\x1b]9;Tests are green\x07'),
    await said('\x1b]777;notify;Claude Code;Claude needs your permission to use Bash\x07'),
    await said('\x1b]9;Claude is waiting for your input\x07'),
    await said('\x1b]9;Approval requested: rm -rf build\x07'),
    await said('\x1b]9;what you need is in the log\x07'),
    await said('\x1b]99;u=2;Disk\x1b\\'),
    await said('\x1b]9;4;1;50\x07'),
  ]).toEqual([
    'notice: Tests are green',
    'needsInput: Claude Code: Claude needs your permission to use Bash',
    'needsInput: Claude is waiting for your input',
    'needsInput: Approval requested: rm -rf build',
    'notice: what you need is in the log',
    'needsInput: Disk',
    null,
  ]);
});

test('of one piece the gravest is told, whatever rings with it', async () => {
  const { said } = setUp();
  expect(await said('\x1b]9;needs your input\x07\x1b]9;by the way\x07\x07')).toBe('needsInput: needs your input');
});

test('a long command is done or failed, by the name it was typed with; a short one, and an old one, are nothing', async () => {
  const { state, said } = setUp();
  const run = async (tookMs: number, code: number, isNews = true) => {
    state.isNews = isNews;
    await said(`${PROMPT}npm test${TYPED}${RUNS}`);
    state.now += tookMs;
    state.isNews = true;
    return said(ends(code));
  };
  expect([
    await run(LONG_COMMAND_MS, 0),
    await run(LONG_COMMAND_MS, 2),
    await run(LONG_COMMAND_MS - 1, 2),
    await run(LONG_COMMAND_MS, 2, false),
  ]).toEqual(['done: npm test is done', 'failed: npm test failed (2)', null, null]);
});

test('the bell of an agent that a shell runs says that it waits', async () => {
  const { said } = setUp();
  await said(`${PROMPT}claude --model x${TYPED}${RUNS}`);
  expect(await said('\x07')).toBe('needsInput: Claude Code waits for you');
});

test('a program names its notifications, says when they count, and takes them back', async () => {
  const { hear } = setUp();
  expect(await hear('\x1b]99;i=7:o=invisible;Look\x1b\\')).toMatchObject({
    signal: { kind: 'notice', text: 'Look', name: '7', when: 'invisible' },
    closed: [],
  });
  expect(await hear('\x1b]99;i=7:p=close;\x1b\\')).toEqual({ signal: null, closed: ['7'] });
  expect(await hear('\x1b]99;i=8;Look\x1b\\\x1b]99;i=8:p=close;\x1b\\')).toEqual({ signal: null, closed: ['8'] });
});

test('of a flood of notices ten are told in ten seconds', async () => {
  const { state, said } = setUp();
  const told = [];
  for (let i = 0; i < 20; i++) told.push(await said('\x1b]9;again\x07'));
  expect(told.filter(Boolean)).toHaveLength(10);
  state.now += 10_000;
  expect(await said('\x1b]9;again\x07')).toBe('notice: again');
});

test('a screen that is rebuilt tells nothing that was told before, though both lie in one piece', async () => {
  const heard: unknown[] = [];
  const screen = new Screen(
    0,
    0,
    { cols: 40, rows: 6 },
    () => undefined,
    9,
    (what, offset) => heard.push([what.signal?.text, offset]),
  );
  await screen.feed(Buffer.from('\x1b]9;old\x07x\x1b]9;new\x07'));
  screen.dispose();
  expect(heard).toEqual([['new', 17]]);
});
