import { expect, test } from 'vitest';
import { parseLogsArguments, sinceOf } from './arguments.ts';

const NOW = Date.parse('2026-01-31T12:00:00Z');
const parse = (...args: string[]) => parseLogsArguments(args, NOW);

test('without arguments the latest lines of the folder are meant', () => {
  expect(parse()).toMatchObject({ isFromStdin: false, isFollowing: false, isJson: false, lines: 200 });
});

test('a wish for a time or a stream is a wish for all of it', () => {
  expect([parse('--since', '10m')?.lines, parse('-')?.lines, parse('--lines', '0')?.lines]).toEqual([
    Infinity,
    Infinity,
    Infinity,
  ]);
  expect(parse('-', '--lines', '5')).toMatchObject({ isFromStdin: true, lines: 5 });
});

test('options become the filter', () => {
  const request = parse('-f', '--instance', 'frontend', '--level', 'warn', '--since', '1h', '--grep', 'Gone');
  expect(request).toMatchObject({ isFollowing: true, filter: { instance: 'frontend', level: 'warn', grep: /Gone/i } });
  expect(request?.filter.sinceMs).toBe(NOW - 3_600_000);
});

test('a time may be an age or a date', () => {
  expect(sinceOf('30s', NOW)).toBe(NOW - 30_000);
  expect(sinceOf('2026-01-31T11:00:00Z', NOW)).toBe(NOW - 3_600_000);
});

test('a mistake is said in a sentence that names the option', () => {
  expect(() => parse('--level', 'loud')).toThrow('--level loud is none of trace');
  expect(() => parse('--since', 'lately')).toThrow('--since lately');
  expect(() => parse('--session', '12')).toThrow('--session 12');
  expect(() => parse('--grep', '(')).toThrow('--grep is not a regular expression');
  expect(() => parse('--lines', '-1')).toThrow('--lines');
  expect(() => parse('--colour')).toThrow("Unknown option '--colour'");
  expect(() => parse('backend.log')).toThrow('backend.log is not a source of logs');
});
