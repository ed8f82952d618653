import { expect, test } from 'vitest';
import { detailsOf, doingOf, NO_REPORT, progressText } from './programReport.ts';

const shell = { cwd: '/home/ada/app', isRunning: false, isAtPrompt: true, command: null, exitCode: 0 };
const session = { cwd: '/home/ada' };

test('a tab says what runs, else where the shell has gone', () => {
  expect(doingOf(NO_REPORT, session)).toBe('');
  expect(doingOf({ ...NO_REPORT, shell }, session)).toBe('app');
  expect(doingOf({ ...NO_REPORT, shell: { ...shell, cwd: '/home/ada' } }, session)).toBe('');
  expect(doingOf({ ...NO_REPORT, shell: { ...shell, cwd: '/' } }, session)).toBe('/');
  expect(doingOf({ ...NO_REPORT, shell: { ...shell, command: 'npm test' } }, session)).toBe('npm test');
});

test('all that is known of it, a line each', () => {
  const progress = { state: 'normal', percent: 42 } as const;
  const report = { title: 'build', progress, shell: { ...shell, command: 'make' } };
  expect(detailsOf(report)).toBe('build\n/home/ada/app\n$ make\n42 %');
  expect(detailsOf(NO_REPORT)).toBe('');
});

test('progress in words', () => {
  expect(progressText({ state: 'error', percent: 7 })).toBe('7 %, failed');
  expect(progressText({ state: 'indeterminate', percent: null })).toBe('at work');
  expect(progressText({ state: 'paused', percent: null })).toBe('paused');
});
