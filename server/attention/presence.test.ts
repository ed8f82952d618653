import pino from 'pino';
import { expect, test } from 'vitest';
import { ManualClock } from '../testing/manualClock.ts';
import { Looks } from './looks.ts';
import { Presence, PRESENCE_MS } from './presence.ts';

const ADA = 'ada@example.com';

function setUp() {
  const clock = new ManualClock();
  const looks = new Looks();
  const told: string[] = [];
  const store = {
    setAlive: (emails: string[], forMs: number) => Promise.resolve(void told.push(`${emails.join()} ${forMs}`)),
    isAlive: (email: string) => Promise.resolve(email === 'elsewhere@example.com'),
  };
  const presence = new Presence(looks, store, clock, pino({ level: 'silent' }));
  const look = (window: string, isAlive: boolean) => {
    const wasAlive = looks.isAlive(ADA);
    looks.set(window, ADA, { sessionId: null, isAlive });
    presence.changed(ADA, wasAlive);
  };
  return { clock, presence, told, look };
}

test('life is told when it begins and when the last window loses it, and again while it goes on', () => {
  const { clock, presence, told, look } = setUp();
  look('w1', true);
  look('w2', true);
  clock.advance(PRESENCE_MS);
  look('w1', false);
  look('w2', false);
  clock.advance(PRESENCE_MS);
  expect(told).toEqual([...Array<string>(4).fill(`${ADA} ${PRESENCE_MS}`), `${ADA} 0`]);
  presence.close();
  expect(clock.pendingTimers).toBe(0);
});

test('who shows life on another shard does so here', async () => {
  const { presence, look } = setUp();
  expect(await Promise.all([ADA, 'elsewhere@example.com'].map((email) => presence.isAlive(email)))).toEqual([
    false,
    true,
  ]);
  look('w1', true);
  expect(await presence.isAlive(ADA)).toBe(true);
});
