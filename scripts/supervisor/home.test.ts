import { mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { locateHome, prepareHome } from './home.ts';

let dir: string;
beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'holdfast-home-')));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

test('home and runtime folder are for us alone, also when they were there before', () => {
  mkdirSync(join(dir, 'home'), { mode: 0o755 });
  const home = prepareHome(join(dir, 'home'));
  expect([home.dir, home.run].map(modeOf)).toEqual(['700', '700']);
  expect(home.run).toBe(join(dir, 'home', 'run'));
});

test('a home with a long path keeps its sockets in a short one, the same at every start', () => {
  const long = join(dir, 'x'.repeat(80));
  const { run } = locateHome(long);
  expect(run).toMatch(/^\/tmp\/holdfast-\d+-[0-9a-f]{12}$/);
  expect(locateHome(long).run).toBe(run);
  expect(locateHome(`${long}y`).run).not.toBe(run);
});

test('a runtime folder that is a link is refused', () => {
  const home = join(dir, 'home');
  mkdirSync(home);
  symlinkSync(dir, join(home, 'run'));
  expect(() => prepareHome(home)).toThrow('is not a folder');
});

test('a home that cannot be made is said so', () => {
  expect(() => prepareHome('/dev/null/home')).toThrow('cannot be made');
});
