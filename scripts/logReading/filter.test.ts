import { expect, test } from 'vitest';
import { matches, type LogFilter } from './filter.ts';
import { parseLine } from './logLine.ts';

const log = [
  {
    level: 'debug',
    time: 1000,
    app_instance: 'frontend',
    user: 'ada@example.com',
    req: { path: '/api/v1/sessions/0123abcd-9' },
  },
  {
    level: 'info',
    time: 2000,
    app_instance: 'backend-1',
    user: 'bob@example.com',
    session: '0123abcd-9',
    msg: 'session opened',
  },
  { level: 'warn', time: 3000, app_instance: 'backend-1.host', msg: 'Slow' },
  { level: 'error', time: 4000, app_instance: 'backend-10', msg: 'slower' },
].map((record) => parseLine(JSON.stringify(record), 'x'));
const found = (filter: LogFilter) => log.filter((line) => matches(line, filter)).map(({ timeMs }) => timeMs);

test('without a wish every line is one', () => {
  expect(found({})).toEqual([1000, 2000, 3000, 4000]);
});

test('a backend is found with its pty host, and not with a backend of a longer name', () => {
  expect([found({ instance: 'backend-1' }), found({ instance: 'backend-1.host' })]).toEqual([[2000, 3000], [3000]]);
});

test('a level is found with what is worse', () => {
  expect(found({ level: 'warn' })).toEqual([3000, 4000]);
});

test('a person is found by a part of the e-mail, a session also in the path of a request', () => {
  expect([found({ user: 'ADA' }), found({ session: '0123abcd' })]).toEqual([[1000], [1000, 2000]]);
});

test('time and pattern narrow further', () => {
  expect([found({ sinceMs: 3000 }), found({ sinceMs: 3000, grep: /slow\b/i })]).toEqual([[3000, 4000], [3000]]);
});
