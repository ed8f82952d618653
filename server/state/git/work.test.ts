import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { CHECKPOINT_BYTES, FILE_BYTES } from '../limits.ts';
import type { WorkPart } from '../manifest.ts';
import { captureWork } from './captureWork.ts';
import { findRepository } from './repository.ts';
import { restoreWork } from './restoreWork.ts';
import { Shadow } from './shadow.ts';
import { changesOf, stateOf } from './workState.ts';

/** A person's disk with a repository in it, and a second one that is empty. */
function disks() {
  const root = mkdtempSync(join(tmpdir(), 'hf-work-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true, maxRetries: 5 }));
  let count = 0;
  const scratch = () => {
    const path = join(root, `scratch-${count++}`);
    mkdirSync(path);
    return path;
  };
  const disk = (name: string) => {
    const home = join(root, name);
    const work = join(home, 'work');
    const repository = join(work, 'project');
    mkdirSync(work, { recursive: true });
    const git = (...args: string[]) =>
      execFileSync('git', args, {
        cwd: repository,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
          PATH: process.env.PATH ?? '',
          HOME: home,
          GIT_CONFIG_NOSYSTEM: '1',
          ...{ GIT_AUTHOR_NAME: 'Ada', GIT_AUTHOR_EMAIL: 'a@b', GIT_COMMITTER_NAME: 'Ada', GIT_COMMITTER_EMAIL: 'a@b' },
        },
      });
    const write = (path: string, content: string | Buffer) => {
      mkdirSync(join(repository, path, '..'), { recursive: true });
      writeFileSync(join(repository, path), content);
    };
    const read = (path: string) => readFileSync(join(repository, path));
    const capture = async (earlier: string[] = []) => {
      const found = (await findRepository(repository, work))!;
      const shadow = await Shadow.of(found, home, join(scratch(), 'shadow'));
      const folder = scratch();
      const captured = await captureWork(shadow, folder, CHECKPOINT_BYTES);
      const part: WorkPart = { ...captured.work, place: { inside: 'project' }, earlier };
      return { ...captured, work: part };
    };
    const restore = ({ work: part, file }: Awaited<ReturnType<typeof capture>>) =>
      restoreWork({
        work: part,
        bundle: file?.path,
        target: repository,
        within: work,
        home,
        scratch: scratch(),
        label: 'ab12',
      });
    return { home, work, repository, git, write, read, capture, restore };
  };
  const one = disk('one');
  mkdirSync(one.repository);
  one.git('init', '-q', '-b', 'main');
  return { root, one, two: disk('two') };
}

type Disk = ReturnType<typeof disks>['one'];

function committed({ git, write }: Disk) {
  write('a.txt', 'one\ntwo\nthree\n');
  write('old-name.txt', 'this is renamed\n'.repeat(20));
  write('gone.txt', 'to be deleted\n');
  write('run.sh', '#!/bin/sh\n');
  write('.gitignore', 'ignored/\n');
  git('add', '-A');
  git('commit', '-qm', 'first');
}

/** What a person would see: status, staged and unstaged differences, history. */
const seen = ({ git }: Disk) => [
  git('status', '--porcelain=v2', '--branch', '--untracked-files=all'),
  git('diff', '--binary'),
  git('diff', '--cached', '--binary', '--find-renames'),
  git('log', '--all', '--format=%H %D', '--exclude=refs/holdfast/*'),
  git('stash', 'list'),
];

test('staged and unstaged changes, renames, binaries, links, modes, new files and stashes come back on an empty disk', async () => {
  const { one, two } = disks();
  committed(one);
  one.write('a.txt', 'stashed\n');
  one.git('stash', '-q');
  one.write('a.txt', 'stashed later\n');
  one.git('stash', '-q');
  one.git('branch', 'other');
  one.git('mv', 'old-name.txt', 'new-name.txt');
  one.write('a.txt', 'one\nTWO\nthree\n');
  one.git('add', 'a.txt');
  one.write('a.txt', 'one\nTWO\nTHREE\n');
  const binary = randomBytes(5_000);
  one.write('deep/er/image.bin', binary);
  one.git('add', 'deep');
  one.write('new file.txt', 'untracked\n');
  one.write('näme.txt', 'untracked\n');
  one.write('ignored/secret.txt', 'not stored\n');
  symlinkSync('a.txt', join(one.repository, 'link'));
  rmSync(join(one.repository, 'gone.txt'));
  one.git('update-index', '--chmod=+x', 'run.sh');
  const before = seen(one);

  const captured = await one.capture();
  expect(seen(one)).toEqual(before); // nothing of it was touched
  const { outcome } = await two.restore(captured);
  expect(outcome).toBe('restored');
  expect(seen(two)).toEqual(before);
  expect(two.read('deep/er/image.bin').equals(binary)).toBe(true);
  expect(existsSync(join(two.repository, 'ignored'))).toBe(false);
  expect(two.git('fsck', '--no-dangling').trim()).toBe('');
  expect((await two.capture()).work.stateId).toBe(captured.work.stateId);
});

test('a merge that is going on, with its conflicts, goes on', async () => {
  const { one, two } = disks();
  committed(one);
  one.git('checkout', '-qb', 'other');
  one.write('a.txt', 'theirs\n');
  one.git('commit', '-qam', 'theirs');
  one.git('checkout', '-q', 'main');
  one.write('a.txt', 'ours\n');
  one.git('commit', '-qam', 'ours');
  expect(() => one.git('merge', 'other')).toThrow();
  await two.restore(await one.capture());
  expect(seen(two)).toEqual(seen(one));
  expect(two.git('ls-files', '-u')).toBe(one.git('ls-files', '-u'));
  two.write('a.txt', 'both\n');
  two.git('add', 'a.txt');
  two.git('commit', '-qm', 'merged');
  expect(two.git('log', '-1', '--format=%P').trim().split(' ')).toHaveLength(2);
});

test('a detached HEAD stays detached, and a repository without a commit has none', async () => {
  const { one, two } = disks();
  one.write('first.txt', 'x\n');
  one.git('add', '.');
  await two.restore(await one.capture());
  expect(two.git('status', '--porcelain')).toBe('A  first.txt\n');
  rmSync(two.repository, { recursive: true });
  committed(one);
  one.git('checkout', '-q', '--detach');
  one.write('a.txt', 'lonely commit\n');
  one.git('commit', '-qam', 'on no branch');
  await two.restore(await one.capture());
  expect(two.git('rev-parse', '--abbrev-ref', 'HEAD').trim()).toBe('HEAD');
  expect(seen(two)).toEqual(seen(one));
});

test('submodules, repositories inside and large files are left out and named', async () => {
  const { one, two } = disks();
  committed(one);
  one.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', one.repository, 'sub');
  one.git('commit', '-qm', 'with a submodule');
  mkdirSync(join(one.repository, 'inner'));
  one.git('init', '-q', 'inner');
  one.write('huge.bin', Buffer.alloc(FILE_BYTES + 1));
  one.write('a.txt', 'changed\n');
  const captured = await one.capture();
  expect(captured.leftOut.map(({ what }) => what).sort()).toEqual(['huge.bin', 'inner/', 'sub']);
  await two.restore(captured);
  expect(two.read('a.txt').toString()).toBe('changed\n');
  expect(readdirSync(two.repository).sort()).not.toContain('huge.bin');
});

test('no program that a hostile repository names is started', async () => {
  const { root, one, two } = disks();
  committed(one);
  const trace = join(root, 'started');
  const trap = join(root, 'trap.sh');
  writeFileSync(trap, `#!/bin/sh\necho "$0 $*" >> '${trace}'\ncat\n`, { mode: 0o755 });
  one.write('.gitattributes', '*.txt filter=evil diff=evil merge=evil\n');
  one.git('add', '-A');
  one.git('commit', '-qm', 'attributes');
  const settings = {
    'core.fsmonitor': trap,
    'core.hooksPath': join(root, 'hooks'),
    'core.sshCommand': trap,
    'core.pager': trap,
    'core.alternateRefsCommand': trap,
    'filter.evil.clean': trap,
    'filter.evil.smudge': trap,
    'filter.evil.process': trap,
    'diff.evil.textconv': trap,
    'diff.evil.command': trap,
    'diff.external': trap,
    'gpg.program': trap,
    'commit.gpgSign': 'true',
    'credential.helper': trap,
    'include.path': join(root, 'included'),
  };
  for (const [key, value] of Object.entries(settings)) one.git('config', key, value);
  mkdirSync(join(root, 'hooks'));
  for (const hook of ['post-index-change', 'reference-transaction', 'post-checkout', 'fsmonitor-watchman'])
    writeFileSync(join(root, 'hooks', hook), readFileSync(trap), { mode: 0o755 });
  rmSync(trace, { force: true }); // git itself may have started them so far
  one.write('a.txt', 'changed\n');
  one.write('new.txt', 'new\n');
  const first = await one.capture();
  await two.restore(first);
  // Also where work is put into a hostile repository.
  one.write('a.txt', 'changed here\n');
  expect((await one.restore(first)).outcome).toBe('beside');
  expect(existsSync(trace)).toBe(false);
  expect(two.read('a.txt').toString()).toBe('changed\n');
  expect(two.git('config', '--list', '--local')).not.toContain(trap);
  // The trap works: git by itself starts it.
  one.git('-c', 'core.fsmonitor=false', 'status');
  expect(existsSync(trace)).toBe(true);
});

test('a repository whose own files lie outside of the workspace is none', async () => {
  const { root, one } = disks();
  committed(one);
  mkdirSync(join(one.work, 'liar'));
  writeFileSync(join(one.work, 'liar/.git'), `gitdir: ${root}/foreign\n`);
  mkdirSync(join(root, 'foreign'));
  writeFileSync(join(root, 'foreign/HEAD'), 'ref: refs/heads/main\n');
  expect(await findRepository(join(one.work, 'liar'), one.work)).toBeUndefined();
  symlinkSync(join(root, 'foreign'), join(one.work, 'away'));
  expect(await findRepository(join(one.work, 'away'), one.work)).toBeUndefined();
  expect((await findRepository(join(one.repository), one.work))!.workTree).toBe(one.repository);
});

test('newer or other work is never written over: the stored one becomes a branch, or a folder beside', async () => {
  const { one, two } = disks();
  committed(one);
  one.write('a.txt', 'stored\n');
  one.write('new.txt', 'stored\n');
  const captured = await one.capture();
  expect((await one.restore(captured)).outcome).toBe('same');
  one.write('a.txt', 'newer\n');
  const before = seen(one);
  const onBranch = await one.restore(captured);
  expect(onBranch).toMatchObject({ outcome: 'beside', sentence: expect.stringContaining('holdfast/ab12') as string });
  expect([before[0], before[1]]).toEqual(seen(one).slice(0, 2));
  expect(one.git('show', 'holdfast/ab12:a.txt', 'holdfast/ab12:new.txt')).toBe('stored\nstored\n');
  expect((await one.restore(captured)).sentence).toContain('holdfast/ab12-2');

  mkdirSync(two.repository);
  writeFileSync(join(two.repository, 'mine.txt'), 'something else');
  expect((await two.restore(captured)).outcome).toBe('beside');
  expect(readdirSync(two.repository)).toEqual(['mine.txt']);
  expect(readFileSync(`${two.repository}-restored-ab12/new.txt`, 'utf8')).toBe('stored\n');
});

test('a disk that has an earlier state is brought forward to the stored one', async () => {
  const { one, two } = disks();
  committed(one);
  one.write('a.txt', 'early\n');
  one.write('vanishes.txt', 'x\n');
  const early = await one.capture();
  await two.restore(early);
  two.write('a.txt', 'later\n');
  two.git('commit', '-qam', 'went on elsewhere');
  two.git('checkout', '-qb', 'topic');
  rmSync(join(two.repository, 'vanishes.txt'));
  two.write('more.txt', 'untracked\n');
  const later = await two.capture([early.work.stateId]);
  expect((await one.restore(later)).outcome).toBe('forwarded');
  expect(seen(one)).toEqual(seen(two));
  expect(one.read('a.txt').toString()).toBe('later\n');
  expect(existsSync(join(one.repository, 'vanishes.txt'))).toBe(false);
  expect(one.git('fsck', '--no-dangling').trim()).toBe('');
});

test('of a clone of a large repository only what no remote has is stored, and what is the person’s to do is said', async () => {
  const { root, one, two } = disks();
  one.write('large.bin', randomBytes(17 * 1024 * 1024));
  one.git('add', '.');
  one.git('commit', '-qm', 'large');
  const origin = join(root, 'origin.git');
  one.git('clone', '-q', '--bare', one.repository, origin);
  one.git('remote', 'add', 'origin', `file://${origin}`);
  one.git('fetch', '-q', 'origin');
  one.write('mine.txt', 'committed\n');
  one.git('add', '.');
  one.git('commit', '-qm', 'mine');
  one.write('mine.txt', 'changed\n');
  one.git('config', 'remote.origin.pushurl', 'https://ada:secret@example.com/x.git');
  const captured = await one.capture();
  expect(captured.work.bundle!.kind).toBe('local');
  expect(captured.file!.sizeBytes).toBeLessThan(10_000);
  expect(JSON.stringify(captured.work)).not.toContain('secret');
  const { outcome, sentence } = await two.restore(captured);
  expect([outcome, sentence]).toEqual(['beside', expect.stringContaining(`git clone file://${origin} .`)]);
  // As the sentence says.
  mkdirSync(two.repository, { recursive: true });
  two.git('clone', '-q', `file://${origin}`, '.');
  const [, command] = /“git (fetch [^”]*)”/.exec(sentence)!;
  two.git(...command!.split(' '));
  expect(two.git('show', 'holdfast/ab12:mine.txt')).toBe('changed\n');
  // And in a clone that is there already it is a branch.
  expect((await two.restore(captured)).sentence).toContain('holdfast/ab12-2');
}, 30_000);

test('a shallow clone comes back as one', async () => {
  const { root, one, two } = disks();
  committed(one);
  one.write('a.txt', 'second\n');
  one.git('commit', '-qam', 'second');
  const source = join(root, 'source');
  one.git('clone', '-q', '--bare', one.repository, source);
  rmSync(one.repository, { recursive: true });
  mkdirSync(one.repository);
  one.git('clone', '-q', '--depth', '1', `file://${source}`, '.');
  one.git('remote', 'set-head', 'origin', '--delete'); // only a convenience, and not stored
  one.write('a.txt', 'changed\n');
  await two.restore(await one.capture());
  expect(seen(two)).toEqual(seen(one));
});

test('a look notices whatever changes, and nothing where nothing did', async () => {
  const { root, one } = disks();
  committed(one);
  let count = 0;
  const look = async () => {
    const found = (await findRepository(one.repository, one.work))!;
    const shadow = await Shadow.of(found, one.home, join(root, `look-${count++}`));
    return (await changesOf(shadow, CHECKPOINT_BYTES)).fingerprint;
  };
  const steps: (() => void)[] = [
    () => one.write('a.txt', 'changed\n'),
    () => one.write('a.txt', 'changed again\n'),
    () => one.write('new.txt', 'new\n'),
    () => one.git('add', 'new.txt'),
    () => one.git('commit', '-qm', 'new'),
    () => one.git('branch', 'other'),
    () => one.git('stash', '-q'),
  ];
  const seenBefore = new Set([await look()]);
  expect(seenBefore.has(await look())).toBe(true);
  for (const step of steps) {
    step();
    const now = await look();
    expect([step.toString(), seenBefore.has(now)]).toEqual([step.toString(), false]);
    seenBefore.add(now);
  }
});

test('a file that was changed in the second of its commit, to the same length, is seen to be changed, and stored as it is', async () => {
  const { root, one } = disks();
  const secondOf = (ms: number) => Math.floor(ms / 1000);
  const version = join(one.repository, 'version');
  let written = 0;
  // Until all of it happened in one second: only then is nothing to be seen of it but by reading the file.
  for (let before = -1; before !== secondOf(written);) {
    one.write('version', '0.1.4\n');
    before = secondOf(statSync(version).ctimeMs);
    one.git('add', 'version');
    one.git('commit', '-q', '--allow-empty', '-m', 'version');
    one.write('version', '0.1.5\n');
    written = statSync(version).ctimeMs;
  }
  while (secondOf(Date.now()) === secondOf(written)) await sleep(20);
  const found = (await findRepository(one.repository, one.work))!;
  const shadow = await Shadow.of(found, one.home, join(root, 'late'));
  const state = await stateOf(shadow, CHECKPOINT_BYTES);
  const stored = await shadow.git(['show', `${state.workTree}:version`]);
  expect([state.paths.map(String), stored.toString()]).toEqual([['version'], '0.1.5\n']);
});
