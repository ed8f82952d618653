import { expect, test } from 'vitest';
import { coloured, formatLine, plain } from './format.ts';
import { parseLine } from './logLine.ts';

const formatted = (record: object, paint = plain) => formatLine(parseLine(JSON.stringify(record), 'x'), paint);
const AT = new Date(2026, 0, 31, 9, 5, 7, 42).getTime();

test('a line is its time, its instance, its level, its sentence and the rest', () => {
  const record = {
    level: 'info',
    time: AT,
    app_instance: 'backend-1',
    pid: 1,
    user: 'ada',
    res: { statusCode: 200 },
    msg: 'done',
  };
  expect(formatted(record)).toBe('09:05:07.042 backend-1      INFO  done user=ada res={"statusCode":200}');
});

test('an error stands below it with its stack', () => {
  const record = {
    level: 'error',
    time: AT,
    app_instance: 'frontend',
    msg: 'failed',
    err: { stack: 'Error: x\n    at y' },
  };
  expect(formatted(record)).toBe('09:05:07.042 frontend       ERROR failed\n    Error: x\n        at y');
});

test('nothing in a log commands the terminal that shows it', () => {
  const record = { level: 'info', time: AT, app_instance: 'a', msg: 'a\u001b[2Jb\u009b', path: '/\r\u001b]0;t\u0007' };
  expect(formatted(record)).toContain('a\\x1b[2Jb\\x9b path=/\\x0d\\x1b]0;t\\x07');
});

test('an instance and its pty host have one colour', () => {
  const colourOf = (instance: string) => {
    const line = formatted({ level: 'info', time: AT, app_instance: instance, msg: '' }, coloured);
    return /\x1b\[(\d+)m/.exec(line)?.[1];
  };
  expect([
    colourOf('backend-1') === colourOf('backend-1.host'),
    colourOf('backend-1') === colourOf('backend-2'),
  ]).toEqual([true, false]);
});
