import { expect, test } from 'vitest';
import type { SignalListener } from '../../client/types.ts';
import type { SeenSignals, SessionSignal } from '../../protocol/attention.ts';
import { deferred } from '../../server/base/deferred.ts';
import { ofKnownSessions } from './knownSessions.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A list that is heard when the test says so. */
function setup(...listed: string[]) {
  const known = new Set(listed);
  const passed: string[] = [];
  const heard: { promise: Promise<void>; resolve: () => void }[] = [];
  let given: SignalListener | undefined;
  const signals = { listen: (listener: SignalListener) => (given = listener), look: () => undefined };
  const hear = () => {
    heard.push(deferred<void>());
    return heard.at(-1)!.promise;
  };
  ofKnownSessions(signals, (id) => known.has(id), hear).listen({
    signal: ({ sessionId }, isLate) => passed.push(`${sessionId}${isLate ? ' late' : ''}`),
    seen: ({ sessionId }) => passed.push(`${sessionId} seen`),
  });
  return {
    passed,
    heard,
    signal: (sessionId: string, isLate = false) => given!.signal({ sessionId } as SessionSignal, isLate),
    see: (sessionId: string) => given!.seen({ sessionId } as SeenSignals),
    answer: async (...more: string[]) => {
      await turn();
      more.forEach((id) => known.add(id));
      heard.shift()!.resolve();
      await turn();
    },
  };
}

test('what sessions of the list tell is passed on at once', () => {
  const { signal, see, passed, heard } = setup('a', 'b');
  signal('a');
  signal('b', true);
  see('a');
  expect([passed, heard]).toEqual([['a', 'b late', 'a seen'], []]);
});

test('one that is not in the list is heard of first, and nothing overtakes it', async () => {
  const { signal, see, answer, passed } = setup('a');
  signal('new');
  see('new');
  signal('a');
  expect(passed).toEqual([]);
  await answer('new');
  expect(passed).toEqual(['new', 'new seen', 'a']);
  signal('a');
  expect(passed.at(-1)).toBe('a');
  expect(passed).toHaveLength(4);
});

test('what is in no list that can be had is passed on all the same', async () => {
  const { signal, answer, passed } = setup('a');
  signal('unheard-of');
  signal('a');
  await answer();
  expect(passed).toEqual(['unheard-of', 'a']);
});
