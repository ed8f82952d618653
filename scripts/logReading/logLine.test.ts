import { expect, test } from 'vitest';
import { parseLine } from './logLine.ts';

const OURS =
  '{"level":"warn","time":"2026-01-31T12:00:00.500Z","app_instance":"backend-1.host","session":"s1","msg":"it broke"}';
const AT = Date.parse('2026-01-31T12:00:00.500Z');

test('a line of ours is taken apart, and names its instance itself', () => {
  expect(parseLine(OURS, 'backend-1')).toEqual({
    raw: OURS,
    instance: 'backend-1.host',
    timeMs: AT,
    level: 'warn',
    message: 'it broke',
    fields: { session: 's1' },
  });
});

test('what a platform puts in front does not hide it', () => {
  expect(parseLine(`[APP] 2026-01-31 ${OURS}`, 'stdin')).toMatchObject({
    level: 'warn',
    timeMs: AT,
    message: 'it broke',
  });
});

test('what a platform says itself is a line of its own, and no part of the error before it', () => {
  const before = parseLine(OURS, 'stdin');
  const raw = '  frontend | 2026-01-31T12:00:00.500Z [SYSTEM] The app ended';
  expect(parseLine(raw, 'stdin', before)).toMatchObject({
    instance: 'frontend',
    level: 'info',
    timeMs: AT,
    message: 'The app ended',
  });
});

test('a line of PostgreSQL has its time and level, with and without what it was doing', () => {
  const raw = '2026-01-31 12:00:00.500 UTC [42] ERROR:  relation "x" does not exist';
  expect(parseLine(raw, 'postgres')).toMatchObject({
    instance: 'postgres',
    timeMs: AT,
    level: 'error',
    message: 'relation "x" does not exist',
  });
  expect(parseLine(raw.replace('ERROR', 'holdfast_frontend@holdfast FATAL'), 'postgres').level).toBe('fatal');
});

test('any other text belongs to the line before it', () => {
  const before = parseLine(OURS, 'backend-1');
  expect(parseLine('    at Object.<anonymous> {', 'backend-1', before)).toMatchObject({
    instance: 'backend-1.host',
    timeMs: AT,
    level: 'warn',
    message: '    at Object.<anonymous> {',
  });
  expect(parseLine('{"answer":42}', 'frontend')).toMatchObject({ instance: 'frontend', timeMs: 0, level: 'info' });
});
