import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FollowedFolder } from './followFiles.ts';

let dir: string;
let seen: string[];
let folder: FollowedFolder | undefined;
const path = (name: string) => join(dir, name);
const follow = (isFromEnd = false) => {
  folder = new FollowedFolder(dir, (line, source) => seen.push(`${source}: ${line}`), isFromEnd);
  return folder;
};

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'holdfast-logs-'));
  seen = [];
});
afterEach(() => {
  folder?.close();
  rmSync(dir, { recursive: true });
});

test('a line is given once, when it is whole', () => {
  writeFileSync(path('a.log'), 'one\ntw');
  follow().read();
  appendFileSync(path('a.log'), 'o\n\nthré');
  folder!.read();
  appendFileSync(path('a.log'), 'e\n');
  folder!.read();
  expect(seen).toEqual(['a: one', 'a: two', 'a: thrée']);
});

test('from the end on only what is new is given, but a file that appears later is given whole', () => {
  writeFileSync(path('a.log'), 'old\n');
  follow(true).read();
  appendFileSync(path('a.log'), 'new\n');
  writeFileSync(path('b.log'), 'first\n');
  writeFileSync(path('b.log.1'), 'put aside\n');
  folder!.read();
  expect(seen).toEqual(['a: new', 'b: first']);
});

test('nothing is missed when a file is put aside and begun anew', () => {
  writeFileSync(path('a.log'), 'one\n');
  follow().read();
  appendFileSync(path('a.log'), 'two\n');
  renameSync(path('a.log'), path('a.log.1'));
  folder!.read();
  writeFileSync(path('a.log'), 'three\n');
  folder!.read();
  expect(seen).toEqual(['a: one', 'a: two', 'a: three']);
});

test('a folder that is not there has no lines', () => {
  folder = new FollowedFolder(path('none'), () => seen.push('?'));
  folder.read();
  expect(seen).toEqual([]);
});
