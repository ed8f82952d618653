import { expect, test } from 'vitest';
import { endText, isAlive, stateText } from './sessionText.ts';

const exited = { state: 'exited' as const, exitCode: null, exitSignal: null };

test('an end is told by its code, or by the name of its signal', () => {
  const ends = [
    { ...exited, exitCode: 0 },
    { ...exited, exitCode: 130 },
    { ...exited, exitSignal: 9 },
    { ...exited, exitSignal: 64 },
    { ...exited, state: 'lost' as const },
    { ...exited, state: 'hibernated' as const },
  ];
  expect(ends.map(endText)).toEqual([
    'exited 0',
    'exited 130',
    'ended by SIGKILL',
    'ended by signal 64',
    'lost',
    'put away',
  ]);
});

test('a session that runs has no end to tell', () => {
  const running = { ...exited, state: 'running' as const };
  expect([endText(running), stateText(running), isAlive(running), isAlive(exited)]).toEqual([
    '',
    'running',
    true,
    false,
  ]);
});
