import { expect, test } from 'vitest';
import { RETURN_GRACE_MS } from '../../protocol/limits.ts';
import { ManualClock } from '../testing/manualClock.ts';
import type { LiveSession } from './liveSession.ts';
import { SizeControl, type Arrival } from './sizeControl.ts';

const WIDE = { cols: 120, rows: 40 };
const NARROW = { cols: 60, rows: 20 };

/** A pty that takes every size at once, and a list of those it took. */
function setUp() {
  const clock = new ManualClock();
  const session = { cols: 80, rows: 24 } as LiveSession;
  const sizes: string[] = [];
  const told: string[] = [];
  const control = new SizeControl(
    {
      resize: (of, { cols, rows }) => {
        Object.assign(of, { cols, rows });
        sizes.push(`${cols}×${rows}`);
        return Promise.resolve();
      },
      controlChanged: () => told.push('changed'),
    },
    clock,
  );
  const arrive = (attachmentId: string, change: Partial<Arrival> = {}) =>
    control.enter(session, {
      attachmentId,
      size: WIDE,
      isVisible: true,
      isReadOnly: false,
      usedAt: clock.now(),
      wasInControl: undefined,
      ...change,
    });
  const decides = () => ['a', 'b'].filter((id) => control.isInControl(session, id)).join();
  return { clock, session, sizes, told, control, arrive, decides };
}

test('whoever attaches, types or resizes takes over, and the others are told', async () => {
  const { clock, session, sizes, told, control, arrive, decides } = setUp();
  arrive('a');
  clock.advance(1);
  arrive('b', { size: NARROW });
  clock.advance(1);
  control.used(session, 'a');
  clock.advance(1);
  await control.resized(session, 'b', WIDE);
  expect([sizes, decides(), told]).toEqual([['120×40', '60×20', '120×40', '120×40'], 'b', ['changed']]);
});

test('a program that gives no size and resizes gets the pty it asks for', async () => {
  const { session, sizes, control, arrive, decides } = setUp();
  arrive('a', { size: null });
  expect([sizes, decides()]).toEqual([[], '']);
  await control.resized(session, 'a', { cols: 10, rows: 4 });
  expect([sizes, decides()]).toEqual([['10×4'], 'a']);
});

test('what goes out of sight gives way to what is in sight; with nothing in sight the size stays', () => {
  const { clock, session, sizes, control, arrive, decides } = setUp();
  arrive('a', { size: NARROW });
  clock.advance(1);
  arrive('b');
  control.viewed(session, 'b', { visible: false });
  expect([sizes.at(-1), decides()]).toEqual(['60×20', 'a']);
  control.viewed(session, 'a', { visible: false });
  expect([sizes.at(-1), decides()]).toEqual(['60×20', '']);
});

test('a size that comes by itself takes nothing over', () => {
  const { clock, session, sizes, control, arrive } = setUp();
  arrive('a');
  clock.advance(1);
  arrive('b', { size: NARROW });
  control.viewed(session, 'a', { visible: true, size: { cols: 119, rows: 40 } });
  expect(sizes).toEqual(['120×40', '60×20']);
});

test('a connection that breaks and comes back resizes nothing', () => {
  const { clock, session, sizes, control, arrive, decides } = setUp();
  arrive('a', { size: NARROW });
  clock.advance(1);
  arrive('b');
  const usedAt = clock.now();
  control.lost(session, 'b');
  clock.advance(RETURN_GRACE_MS - 1);
  arrive('b', { usedAt, wasInControl: true });
  clock.advance(RETURN_GRACE_MS);
  expect([sizes, decides()]).toEqual([['60×20', '120×40'], 'b']);
});

test('one that does not come back gives way in the end', () => {
  const { clock, session, sizes, control, arrive, decides } = setUp();
  arrive('a', { size: NARROW });
  clock.advance(1);
  arrive('b');
  control.lost(session, 'b');
  clock.advance(RETURN_GRACE_MS);
  expect([sizes.at(-1), decides(), clock.pendingTimers]).toEqual(['60×20', 'a', 0]);
});

test.each([['a'], ['b']])('after a restart the same client decides, whoever is back first (%s)', (first) => {
  const { clock, sizes, arrive, decides } = setUp();
  const [now, order] = [clock.now(), first === 'a' ? ['a', 'b'] : ['b', 'a']];
  for (const id of order) {
    if (id === 'a') arrive('a', { usedAt: now - 5_000, wasInControl: true });
    else arrive('b', { size: NARROW, usedAt: now - 60_000, wasInControl: false });
    clock.advance(100);
  }
  clock.advance(RETURN_GRACE_MS);
  expect([sizes, decides()]).toEqual([['120×40'], 'a']);
});

test('after a restart, who was not in control decides when the other does not come', () => {
  const { clock, sizes, arrive, decides } = setUp();
  arrive('b', { size: NARROW, wasInControl: false });
  expect([sizes, decides()]).toEqual([[], '']);
  clock.advance(RETURN_GRACE_MS);
  expect([sizes, decides()]).toEqual([['60×20'], 'b']);
});

test('a size that the pty refused is asked for again', async () => {
  const { clock, session, control } = setUp();
  let isRefused = true;
  const asked: number[] = [];
  const failing = new SizeControl(
    {
      resize: (_, { cols }) => (asked.push(cols), isRefused ? Promise.reject(new Error('away')) : Promise.resolve()),
      controlChanged: () => undefined,
    },
    clock,
  );
  void control;
  failing.enter(session, {
    attachmentId: 'a',
    size: WIDE,
    isVisible: true,
    isReadOnly: false,
    usedAt: 0,
    wasInControl: undefined,
  });
  await expect(failing.resized(session, 'a', WIDE)).rejects.toThrow('away');
  isRefused = false;
  await failing.resized(session, 'a', WIDE);
  expect(asked).toEqual([120, 120, 120]);
});
