import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { MAX_DIFF_BYTES } from '../../protocol/files.ts';
import { prepare, workspaceOf, type Workspace } from '../projects/workspace.ts';
import { ChangeReader } from './changes.ts';
import { readDifferences } from './changeList.ts';

let folder: string;
let workspace: Workspace;
let work: string;
let reader: ChangeReader;
const signal = new AbortController().signal;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hf-changes-'));
  workspace = workspaceOf('ada@example.com', { isSingleUser: false, peopleDirectory: join(folder, 'people') });
  prepare(workspace);
  work = join(workspace.root, 'app');
  mkdirSync(work);
  reader = new ChangeReader(join(folder, 'scratch'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
});

const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...args], {
    cwd: work,
    stdio: 'pipe',
  });
const write = (path: string, text: string | Buffer) => {
  mkdirSync(dirname(join(work, path)), { recursive: true });
  writeFileSync(join(work, path), text);
};
const place = (cwd = work) => ({ workspace, cwd });
const lines = async () =>
  (await reader.list(place(), signal)).files.map(
    ({ path, from, state, staged, added, deleted }) => `${state} ${from ?? ''}>${path} ${staged} +${added} -${deleted}`,
  );
const many = (count: number) => Array.from({ length: count }, (_, n) => `line ${n}\n`).join('');

function commit() {
  git('init', '-q', '-b', 'main');
  write('kept.txt', many(10));
  write('gone.txt', 'a\n');
  write('moved.txt', many(20));
  write('sub/part.txt', 'one\ntwo\n');
  git('add', '.');
  git('commit', '-qm', 'first');
}

test('each file that is not as the last commit has it stands in one line', async () => {
  commit();
  write('kept.txt', `${many(10)}more\n`);
  rmSync(join(work, 'gone.txt'));
  git('mv', 'moved.txt', 'there.txt');
  write('sub/part.txt', 'one\n');
  git('add', 'sub/part.txt');
  write('sub/part.txt', 'one\nother\n');
  write('ü new.txt', 'x\ny\n');
  write('picture.png', Buffer.from([0x89, 0x50, 0, 1, 2, 3]));
  expect(await lines()).toEqual([
    'deleted >gone.txt none +0 -1',
    'modified >kept.txt none +1 -0',
    'untracked >picture.png none +null -null',
    'modified >sub/part.txt some +1 -1',
    'renamed moved.txt>there.txt all +0 -0',
    'untracked >ü new.txt none +2 -0',
  ]);
  const { repository } = await reader.list(place(join(work, 'sub')), signal);
  expect(repository).toEqual({ workTree: work, branch: 'main' });
});

test('before the first commit everything is new', async () => {
  git('init', '-q');
  write('staged.txt', 'a\n');
  git('add', 'staged.txt');
  write('loose.txt', 'b\n');
  expect(await lines()).toEqual(['untracked >loose.txt none +1 -0', 'added >staged.txt all +1 -0']);
});

test('a conflict is told as one', async () => {
  commit();
  git('checkout', '-qb', 'other');
  write('kept.txt', 'theirs\n');
  git('commit', '-qam', 'theirs');
  git('checkout', '-q', 'main');
  write('kept.txt', 'ours\n');
  git('commit', '-qam', 'ours');
  expect(() => git('merge', 'other')).toThrow();
  expect(await lines()).toEqual([expect.stringMatching(/^conflict >kept\.txt none \+\d+ -\d+$/)]);
  expect((await reader.diff(place(), { path: 'kept.txt' }, signal)).diff).toContain('+<<<<<<<');
});

test('a diff of one file: changed, new, renamed, gone, and none', async () => {
  commit();
  write('kept.txt', `${many(10)}more\n`);
  write('new.txt', 'x\n');
  git('mv', 'moved.txt', 'there.txt');
  rmSync(join(work, 'gone.txt'));
  const diff = async (path: string, from?: string) => (await reader.diff(place(), { path, from }, signal)).diff;
  expect(await diff('kept.txt')).toContain('+more');
  expect(await diff('new.txt')).toContain('new file mode');
  expect(await diff('there.txt', 'moved.txt')).toContain('rename from moved.txt');
  expect(await diff('gone.txt')).toContain('deleted file mode');
  expect(await reader.diff(place(), { path: 'sub/part.txt' }, signal)).toMatchObject({ kind: 'same', diff: '' });
  // A path is a name, and no pattern.
  expect(await reader.diff(place(), { path: '*.txt' }, signal)).toMatchObject({ kind: 'same' });
});

test('what is binary or long is told, and cut at the end of a line', async () => {
  commit();
  write('blob', Buffer.from([0, 1, 2]));
  write('long.txt', many(100_000));
  expect(await reader.diff(place(), { path: 'blob' }, signal)).toEqual({ kind: 'binary', diff: '', isCut: false });
  const { kind, diff, isCut } = await reader.diff(place(), { path: 'long.txt' }, signal);
  expect({ kind, isCut, isWhole: diff.endsWith('\n') }).toEqual({ kind: 'text', isCut: true, isWhole: true });
  expect(Buffer.byteLength(diff)).toBeLessThanOrEqual(MAX_DIFF_BYTES);
  write('huge.txt', many(2_000_000));
  expect((await reader.diff(place(), { path: 'huge.txt' }, signal)).kind).toBe('binary');
  write('empty lines.txt', '\n'.repeat(10_000_000));
  expect((await reader.diff(place(), { path: 'empty lines.txt' }, signal)).kind).toBe('tooLarge');
});

test('nothing that a repository names is run, and nothing in it is touched', async () => {
  commit();
  const ran = join(folder, 'ran');
  const program = join(folder, 'program');
  writeFileSync(program, `#!/bin/sh\ntouch ${ran}\ncat\n`, { mode: 0o755 });
  for (const [key, value] of [
    ['core.fsmonitor', program],
    ['diff.external', program],
    ['diff.own.command', program],
    ['diff.own.textconv', program],
    ['filter.own.clean', program],
    ['filter.own.process', program],
  ])
    git('config', key!, value!);
  write('.gitattributes', '* diff=own filter=own\n');
  write('kept.txt', 'changed\n');
  write('new.txt', 'x\n');
  const before = [readFileSync(join(work, '.git/index')), readdirSync(join(work, '.git/objects')).sort()];
  expect(await lines()).toHaveLength(3);
  expect((await reader.diff(place(), { path: 'kept.txt' }, signal)).kind).toBe('text');
  expect((await reader.diff(place(), { path: 'new.txt' }, signal)).kind).toBe('text');
  expect(existsSync(ran)).toBe(false);
  expect([readFileSync(join(work, '.git/index')), readdirSync(join(work, '.git/objects')).sort()]).toEqual(before);
  expect(readdirSync(join(folder, 'scratch'))).toEqual([]);
});

test('without a repository there are no changes, and one outside of the workspace is none', async () => {
  const none = { repository: null, files: [], isCut: false };
  expect(await reader.list(place(), signal)).toEqual(none);
  execFileSync('git', ['init', '-q'], { cwd: folder });
  expect(await reader.list(place(), signal)).toEqual(none);
});

test('a repository that is not read says why', async () => {
  commit();
  git('config', 'extensions.partialClone', 'origin');
  await expect(reader.list(place(), signal)).rejects.toMatchObject({
    code: 'changes.unreadable',
    message: expect.stringContaining('partial clone') as string,
  });
});

test('who has gone is not read for', async () => {
  commit();
  await expect(reader.list(place(), AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
  expect(readdirSync(join(folder, 'scratch'))).toEqual([]);
});

test('counts are of the file they name, whatever its name holds', () => {
  const raw = (letter: string) => `:100644 100644 abc def ${letter}`;
  const entries = [raw('M'), 'a\tb', raw('R090'), ':old', '1\t2\tnew', '3\t4\ta\tb', '5\t6\t', ':old', '1\t2\tnew'];
  expect(readDifferences(entries)).toEqual([
    { path: 'a\tb', from: null, letter: 'M', added: 3, deleted: 4 },
    { path: '1\t2\tnew', from: ':old', letter: 'R', added: 5, deleted: 6 },
  ]);
});
