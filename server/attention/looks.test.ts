import { expect, test } from 'vitest';
import { Looks } from './looks.ts';

const [ADA, BOB] = ['ada@example.com', 'bob@example.com'];

test('every pane of a window is looked at', () => {
  const looks = new Looks();
  looks.set('w1', ADA, { sessionId: 's', beside: ['t'], isAlive: true });
  looks.set('w2', ADA, { sessionId: 'u', beside: ['v'], isAlive: false });
  expect(['s', 't', 'u', 'v'].map((id) => looks.isLookedAt(ADA, id))).toEqual([true, true, false, false]);
});

test('a session is looked at in a window that shows life, by its own person, until that window goes', () => {
  const looks = new Looks();
  looks.set('w1', ADA, { sessionId: 's', isAlive: true });
  looks.set('w2', BOB, { sessionId: 't', isAlive: false });
  const isLookedAt = () => [looks.isLookedAt(ADA, 's'), looks.isLookedAt(BOB, 's'), looks.isLookedAt(BOB, 't')];
  expect([isLookedAt(), looks.alive]).toEqual([[true, false, false], [ADA]]);
  looks.remove('w1');
  expect([isLookedAt(), looks.alive]).toEqual([[false, false, false], []]);
});
