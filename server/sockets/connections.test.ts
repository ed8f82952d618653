import { expect, test } from 'vitest';
import { CONNECTION_LIFETIME_MS } from '../../protocol/limits.ts';
import { ManualClock } from '../testing/manualClock.ts';
import { Connections } from './connections.ts';

function setUp(renews: boolean) {
  const clock = new ManualClock();
  const connections = new Connections(clock);
  const events: string[] = [];
  connections.add({
    id: 'c1',
    email: 'ada@example.com',
    askToRenew: () => {
      events.push('asked');
      if (renews) connections.renew('c1', 'ada@example.com');
    },
    cutOff: ({ code }) => {
      events.push(code);
      connections.remove('c1');
    },
  });
  return { clock, connections, events };
}

test('a connection that is renewed lives on', () => {
  const { clock, events } = setUp(true);
  clock.advance(10 * CONNECTION_LIFETIME_MS);
  expect(new Set(events)).toEqual(new Set(['asked']));
});

test('one that is not is asked more than once, and then cut off within its lifetime', () => {
  const { clock, events } = setUp(false);
  clock.advance(CONNECTION_LIFETIME_MS);
  expect(events.filter((event) => event === 'asked').length).toBeGreaterThanOrEqual(2);
  expect(events.at(-1)).toBe('connection.unrenewed');
});

test("another person's connection is not found", () => {
  const { connections } = setUp(false);
  expect(() => connections.renew('c1', 'bob@example.com')).toThrow(
    expect.objectContaining({ code: 'connection.not_found' }),
  );
  expect(() => connections.renew('c2', 'ada@example.com')).toThrow(
    expect.objectContaining({ code: 'connection.not_found' }),
  );
});
