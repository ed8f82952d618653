import { expect, test } from 'vitest';
import { beat, heard, isBlocked, newPulse, worstOf, type Pulse } from './hostPulse.ts';

/** Beats until the host would be called blocked, and the beats at which it was asked. */
function silence(pulse: Pulse): { blockedAt: number; askedAt: number[] } {
  const askedAt: number[] = [];
  for (let at = 1; at < 100; at++) {
    const next = beat(pulse);
    pulse = next.pulse;
    if (next.isToAsk) askedAt.push(at);
    if (isBlocked(pulse)) return { blockedAt: at, askedAt };
  }
  throw new Error('never blocked');
}

test('a host that falls silent is asked once after 2 s and blocked 5 s after the question', () => {
  expect(silence(heard())).toEqual({ blockedAt: 7, askedAt: [2] });
});

test('a hello that is not answered for 5 s finds a blocked host', () => {
  expect(silence(newPulse())).toEqual({ blockedAt: 5, askedAt: [] });
});

test('a host that speaks all the while is never asked', () => {
  expect([beat(heard()).isToAsk, beat(beat(heard()).pulse).isToAsk]).toEqual([false, true]);
});

test('of several hosts the worst is told, and a missing one only when new sessions need it', () => {
  expect([
    worstOf('ok', []),
    worstOf('ok', ['blocked']),
    worstOf('gone', ['blocked']),
    worstOf('ok', ['gone']),
  ]).toEqual(['ok', 'blocked', 'gone', 'ok']);
});
