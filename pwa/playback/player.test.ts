import { beforeEach, expect, test } from 'vitest';
import { dumpOf } from '../../server/testing/terminalDump.ts';
import { steps } from '../../server/testing/escapeSequences.ts';
import { feed, newTerminal, rowsOf, type HeadlessTerminal } from '../../server/testing/grid.ts';
import { fc } from '../../server/testing/property.ts';
import type { CastEvent } from './castFile.ts';
import { Keyframes } from './keyframes.ts';
import { Player, type PlayerState } from './player.ts';
import { Replay } from './replay.ts';
import { clockText, Timeline } from './timeline.ts';

const COLS = 20;
const ROWS = 6;
const out = (at: number, data: string): CastEvent => ({ at, code: 'o', data });

let now = 0;
beforeEach(() => (now = 0));

/** A player on terminals without a display; each frame is 50 ms. */
function setUp(events: CastEvent[], intervalChars = 40) {
  const [terminal, hidden] = [newTerminal(COLS, ROWS), newTerminal(COLS, ROWS)];
  for (const one of [terminal, hidden]) one.options.logLevel = 'off';
  const keyframes = new Keyframes(hidden, events, intervalChars);
  const replay = new Replay(terminal, events);
  const timeline = new Timeline(events);
  const states: PlayerState[] = [];
  const clock = { now: () => now, frame: () => Promise.resolve(void (now += 50)) };
  const player = new Player({ replay, keyframes, timeline, clock }, (state) => states.push(state));
  return { terminal, keyframes, replay, timeline, player, states };
}
/** Nobody sees a title here, and a picture without one leaves the one there was. */
const seen = (terminal: HeadlessTerminal) => ({ ...dumpOf(terminal), title: '' });
const ended = (player: Player) => player.seek(player.state.at);

test('what is played comes when it came, and a long pause is a short one', async () => {
  const { player, terminal, states, timeline } = setUp([
    out(0, 'a'),
    out(1_000, 'b'),
    out(60_000, 'c'),
    out(60_500, 'd'),
  ]);
  expect(timeline.durationMs).toBe(3_500);
  player.play();
  await player.seek(0);
  expect(rowsOf(terminal)[0]).toBe('abcd');
  expect(states.at(-1)).toMatchObject({ isPlaying: false, at: 3_500 });
  expect(now).toBeGreaterThanOrEqual(3_500);
  expect(now).toBeLessThanOrEqual(3_600);
});

test('at another speed it takes another time, and it stops where it is told', async () => {
  const { player, terminal } = setUp([out(0, 'a'), out(1_600, 'b')]);
  player.setSpeed(16);
  player.play();
  await player.seek(0);
  expect([now <= 200, rowsOf(terminal)[0]]).toEqual([true, 'ab']);
  player.play(); // from the beginning
  player.pause();
  await ended(player);
  expect([player.state.at, rowsOf(terminal)[0]]).toEqual([0, 'a']);
});

test('a machine that was asleep goes on where it was', async () => {
  const { player } = setUp([out(0, 'a'), out(1_900, 'b')]);
  player.play();
  now += 3_600_000;
  player.pause();
  player.play();
  await Promise.resolve();
  expect(player.state.at).toBeLessThanOrEqual(250);
  player.pause();
});

test('of places that are asked for one after the other, the last is the one', async () => {
  const { player, terminal, replay } = setUp(Array.from({ length: 100 }, (_, i) => out(i * 100, `${i}\r\n`)));
  const asked = [9_000, 100, 5_000, 200].map((at) => player.seek(at));
  await Promise.all(asked);
  expect([player.state.at, replay.index, rowsOf(terminal)[2]]).toEqual([200, 3, '2']);
});

test('behind an event, and before others of its moment', async () => {
  const { player, terminal } = setUp([out(0, 'a'), { at: 5, code: 'm', data: 'ls' }, out(5, 'b')]);
  await player.seekBehind(1);
  expect([player.state.at, rowsOf(terminal)[0]]).toEqual([5, 'a']);
});

test('into an event, whose end takes away what was there, on from it, and back into it', async () => {
  const { player, terminal, replay } = setUp([
    out(0, 'one '),
    out(5, '\x1b[?2026htwo\x1b[2K\rthree\x1b[?2026l'),
    out(9, '!'),
  ]);
  const place = { index: 1, chars: '\x1b[?2026htwo'.length };
  await player.seekInto(place);
  expect([player.spot, rowsOf(terminal)[0], terminal.modes.synchronizedOutputMode]).toEqual([place, 'one two', false]);
  await player.seekInto({ index: 1, chars: place.chars - 1 });
  expect(rowsOf(terminal)[0]).toBe('one tw');
  player.play();
  await ended(player);
  expect([replay.index, replay.chars, rowsOf(terminal)[0]]).toEqual([3, 0, 'three!']);
  await player.seekInto(place);
  expect(rowsOf(terminal)[0]).toBe('one two');
});

test('pictures are made ahead, and only then the player gets there', async () => {
  const { player, keyframes, states } = setUp(Array.from({ length: 200 }, (_, i) => out(i, `line ${i}\r\n`)));
  await player.seek(199);
  expect([keyframes.reached, keyframes.before(200).index > 150]).toEqual([200, true]);
  const way = states.map(({ seeking }) => seeking).filter((part) => part !== null);
  expect([way.length > 3, way.at(-1)]).toEqual([true, 1]);
  expect(way).toEqual([...way].sort((a, b) => a - b));
});

test('after seeking the screen is what it is after playing, whatever was printed and wherever it was cut', async () => {
  const places = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(steps, places, async (printed, sought) => {
      const events = printed.map((step, i): CastEvent =>
        'text' in step ? out(i * 10, step.text) : { at: i * 10, code: 'r', data: `${step.cols}x${step.rows}` },
      );
      const { player, terminal, replay, keyframes } = setUp(events, 10);
      for (const part of sought) {
        await player.seek(part * events.length * 10);
        const played = newTerminal(COLS, ROWS);
        played.options.logLevel = 'off';
        for (const { code, data } of events.slice(0, replay.index)) {
          const [cols, rows] = data.split('x').map(Number);
          if (code === 'o') await feed(played, data);
          else played.resize(cols!, rows!);
        }
        expect(seen(terminal)).toEqual(seen(played));
        played.dispose();
      }
      keyframes.dispose();
      terminal.dispose();
    }),
    { numRuns: 150 },
  );
});

test('times are told as clocks tell them', () => {
  expect([0, 65_400, 3_605_000].map(clockText)).toEqual(['0:00', '1:05', '1:00:05']);
});
