import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import {
  directoryFor,
  existingDirectory,
  findProgram,
  folderFor,
  prepare,
  projectDirectory,
  SESSION_DIRECTORY,
  workspaceOf,
} from './workspace.ts';

const people = mkdtempSync(join(tmpdir(), 'hf-people-'));
afterAll(() => rmSync(people, { recursive: true, force: true }));
const bounded = workspaceOf('ada@example.com', { isSingleUser: false, peopleDirectory: people });
prepare(bounded);
const use = (directory: string) => existingDirectory(bounded, bounded.root, directory, SESSION_DIRECTORY);

test("a project's directory inside the root is made", () => {
  projectDirectory(bounded, 'deep/er');
  expect(existsSync(join(bounded.root, 'deep/er'))).toBe(true);
});

test.each(['..', '/etc', '../../..', 'a/../../x', '~'])('%s lies outside', (directory) => {
  expect(() => projectDirectory(bounded, directory)).toThrow(
    expect.objectContaining({ code: 'project.directory_outside' }),
  );
});

test('a link that leads outside is outside, for what is there and for what would be made below it', () => {
  symlinkSync('/tmp', join(bounded.root, 'link'));
  expect(() => use('link')).toThrow(expect.objectContaining({ code: 'session.directory_outside' }));
  expect(() => projectDirectory(bounded, 'link/new')).toThrow(
    expect.objectContaining({ code: 'project.directory_outside' }),
  );
  expect(existsSync('/tmp/new')).toBe(false);
});

test('a missing directory and a file are told as missing', () => {
  writeFileSync(join(bounded.root, 'file'), '');
  for (const directory of ['nowhere', 'file']) {
    expect(() => use(directory)).toThrow(expect.objectContaining({ code: 'session.directory_missing' }));
  }
});

test('a neighbour whose folder begins alike is outside', () => {
  mkdirSync(`${bounded.root}-other`);
  expect(() => use(`${bounded.root}-other`)).toThrow(expect.objectContaining({ code: 'session.directory_outside' }));
});

test('a single user may use any directory that exists', () => {
  const own = workspaceOf('me@localhost', { isSingleUser: true, peopleDirectory: people });
  expect(existingDirectory(own, own.root, '/etc', SESSION_DIRECTORY)).toBe('/etc');
});

test('people with alike addresses have different folders', () => {
  expect(folderFor('a+b@x.y')).not.toBe(folderFor('a-b@x.y'));
  expect(folderFor('../../etc@x.y')).not.toContain('/');
});

test('a project without a directory gets one after its name', () => {
  expect(['My  Project!', '../..', 'Füße', '...'].map(directoryFor)).toEqual([
    'my-project',
    'project',
    'füße',
    'project',
  ]);
});

test('a program is found as a shell would find it', () => {
  expect(findProgram('sh', '/nowhere:/bin', '/')).toBe('/bin/sh');
  expect(findProgram('./sh', '', '/bin')).toBe('/bin/sh');
  expect(findProgram('no-such-program', '/bin', '/')).toBeUndefined();
  expect(findProgram(join(bounded.root, 'file'), '', '/')).toBeUndefined();
  expect(findProgram('/bin', '', '/')).toBeUndefined();
});
