/** What can be said of the Dockerfile without an engine: a linter, and what it must not do. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DockerfileParser, type Dockerfile } from 'dockerfile-ast';
import { validate } from 'dockerfile-utils';
import { expect, test } from 'vitest';
import { settingNames } from '../../server/config.ts';

const root = resolve(import.meta.dirname, '../..');
const text = readFileSync(join(root, 'Dockerfile'), 'utf8');
const dockerfile: Dockerfile = DockerfileParser.parse(text);
const settings = new Set(Object.values(settingNames).flatMap((names) => names.environment));
const secrets = new Set(Object.values(settingNames).flatMap((names) => names.secrets));
/** Read by Node and its packages. */
const OF_NODE = ['NODE_ENV'];
const wordsOf = (keyword: string) =>
  dockerfile
    .getInstructions()
    .filter((instruction) => instruction.getKeyword() === keyword)
    .map((instruction) => instruction.getArguments().map((argument) => argument.getValue()));

test('the linter finds nothing', () => {
  expect(validate(text).map(({ message, range }) => [range.start.line + 1, message])).toEqual([]);
});

test('it has a stage that builds and one that runs, both from one base whose version is whole', () => {
  expect(dockerfile.getFROMs().map((from) => [from.getImage(), from.getBuildStage()])).toEqual([
    ['${NODE_IMAGE}', 'build'],
    ['${NODE_IMAGE}', 'runtime'],
  ]);
  expect(text).toMatch(/^ARG NODE_IMAGE=node:22\.\d+\.\d+-bookworm-slim$/m);
});

test('nothing runs as root, and an orchestrator can see that by the number', () => {
  const names = dockerfile.getInstructions().map((instruction) => instruction.getKeyword());
  expect(wordsOf('USER')).toEqual([['10001:10001']]);
  expect(names.lastIndexOf('USER')).toBeLessThan(names.indexOf('ENTRYPOINT'));
  expect(readFileSync(join(root, 'deploy/image/runtime.sh'), 'utf8')).toContain('useradd --uid 10001 --gid 10001');
});

test('an init reaps, the health is asked for, and the kind of instance is an argument', () => {
  expect(wordsOf('ENTRYPOINT').flat().join('')).toBe('["tini","--","bash","/app/launch.sh"]');
  expect(wordsOf('CMD').flat().join('')).toBe('["frontend"]');
  expect(text).toMatch(/^HEALTHCHECK [^]*\/api\/health/m);
});

test('its variables are settings of the servers, and no secret is among them or the build arguments', () => {
  const variables = wordsOf('ENV').flatMap((words) => words.map((word) => word.split('=')[0]!));
  expect(variables.filter((name) => !settings.has(name) && !OF_NODE.includes(name))).toEqual([]);
  const told = [...variables, ...wordsOf('ARG').flatMap((words) => words.map((word) => word.split('=')[0]!))];
  expect(told.filter((name) => secrets.has(name) || /KEY|TOKEN|PASSWORD|SECRET/.test(name))).toEqual([]);
});

test('what it copies is there and is sent to the engine', () => {
  const sources = wordsOf('COPY').flatMap((words) => words.filter((word) => !word.startsWith('--')).slice(0, -1));
  const fromClone = sources.filter((source) => source !== '/out');
  expect(fromClone.filter((source) => !existsSync(join(root, source)))).toEqual([]);
  const scripts = ['deploy/image/build.sh', 'deploy/image/runtime.sh', 'scripts/platform/launch.sh'];
  expect([...fromClone, ...scripts].filter(isIgnored)).toEqual([]);
  expect(scripts.slice(0, 2).filter((path) => !(statSync(join(root, path)).mode & 0o111))).toEqual([]);
});

test('neither secrets nor what a laptop keeps is sent to the engine', () => {
  const kept = [
    'deploy/secrets/admin_url',
    '.holdfast/secrets.json',
    '.git/config',
    'node_modules/pg/index.js',
    '.env',
  ];
  expect(kept.filter((path) => !isIgnored(path))).toEqual([]);
});

/** The patterns that .dockerignore uses here: whole paths, `**` for any folders, `*` within a name. */
function isIgnored(path: string): boolean {
  const patterns = readFileSync(join(root, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line && !line.startsWith('#'));
  return patterns.some((pattern) => new RegExp(`^${patternSource(pattern)}(?:/|$)`).test(path));
}

function patternSource(pattern: string): string {
  const sources: Record<string, string> = { '**/': '(?:.+/)?', '*': '[^/]*', '.': '\\.' };
  return pattern.replace(/\*\*\/|\*|\./g, (part) => sources[part]!);
}
