import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { CheckpointStore } from './checkpointStore.ts';
import { folderStore } from './folderStore.ts';
import { KnownStates } from './knownStates.ts';
import { FILE_BYTES } from './limits.ts';
import { checkpointKey } from './partSeal.ts';
import { SessionStates } from './sessionStates.ts';

const ID = '3f6c1f0e-9d1e-4c07-8f0a-111111111111';
const OTHER = '3f6c1f0e-9d1e-4c07-8f0a-222222222222';
const SESSION = '7c9e6679-7425-40de-944b-e07fc1f90ae7';

/** Two shards, each with a disk of its own, and one store. */
function setUp() {
  const root = mkdtempSync(join(tmpdir(), 'hf-states-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true, maxRetries: 5 }));
  const store = folderStore(join(root, 'store'));
  const shard = (name: string) => {
    const home = join(root, name, 'ada');
    const work = join(home, 'work');
    const claude = join(home, '.claude');
    mkdirSync(work, { recursive: true });
    const states = new SessionStates({
      checkpoints: new CheckpointStore(store, checkpointKey(Buffer.alloc(32, 1))),
      known: new KnownStates(join(root, name, '.known')),
      scratch: join(root, name, 'scratch'),
      shardId: name,
      clock: systemClock,
      log: silentLog,
    });
    const subject = (incarnation: number, cwd = join(work, 'project')) => ({
      sessionId: SESSION,
      incarnation,
      cwd,
      premises: { home, root: work, isUnbounded: false },
      conversation: {
        conversationId: ID,
        directory: claude,
        record: `projects/*/${ID}.jsonl`,
        belongings: [`projects/*/${ID}/**`, `todos/${ID}-*`],
        folderFor: (directory: string) => directory.replace(/[^a-zA-Z0-9]/g, '-'),
      },
    });
    const folder = join('.claude/projects', subject(1).conversation.folderFor(join(work, 'project')));
    const write = (path: string, text: string | Buffer) => {
      mkdirSync(dirname(join(home, path)), { recursive: true });
      writeFileSync(join(home, path), text);
    };
    const read = (path: string) => readFileSync(join(home, path), 'utf8');
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@b', ...args], {
        cwd: join(work, 'project'),
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      });
    return { home, work, folder, states, subject, write, read, git, scratch: join(root, name, 'scratch') };
  };
  return { root, store, one: shard('one'), two: shard('two') };
}

type Shard = ReturnType<typeof setUp>['one'];

function converse({ write, folder }: Shard) {
  write(`${folder}/${ID}.jsonl`, '{"n":1}\n{"n":2}\n{"half');
  write(`${folder}/${ID}/subagents/agent-1.jsonl`, '{"sub":1}\n');
  write(`.claude/todos/${ID}-agent-${ID}.json`, '[]');
  write(`${folder}/${OTHER}.jsonl`, 'another conversation\n');
  write('.claude/.credentials.json', 'secret');
}

test('a conversation with all that belongs to it goes to the other disk, and nothing else does', async () => {
  const { one, two } = setUp();
  converse(one);
  await one.states.checkpoint(one.subject(1), undefined);
  const { words, isFound } = await two.states.restore(two.subject(1));
  expect(isFound).toBe(true);
  expect(words[0]).toBe('The conversation was restored from the state store.');
  // Whole lines: the last one was being written. The folder is named after the directory on this disk.
  expect(two.read(`${two.folder}/${ID}.jsonl`)).toBe('{"n":1}\n{"n":2}\n');
  expect(two.read(`${two.folder}/${ID}/subagents/agent-1.jsonl`)).toBe('{"sub":1}\n');
  expect(two.read(`.claude/todos/${ID}-agent-${ID}.json`)).toBe('[]');
  expect(readdirSync(join(two.home, '.claude')).sort()).toEqual(['projects', 'todos']);
  expect(readdirSync(join(two.home, two.folder)).sort()).toEqual([ID, `${ID}.jsonl`]);
  expect(readdirSync(two.scratch)).toEqual([]);
  expect((await two.states.restore({ ...two.subject(1), sessionId: OTHER })).isFound).toBe(false);
});

test('a record that is longer here stays, one that is shorter is brought forward, and of two that differ the later is taken', async () => {
  const { one, two } = setUp();
  converse(one);
  const record = `${two.folder}/${ID}.jsonl`;
  const restored = async (here: string, ageSeconds: number) => {
    two.write(record, here);
    const at = Date.now() / 1000 - ageSeconds;
    utimesSync(join(two.home, record), at, at);
    await two.states.restore(two.subject(1));
    return two.read(record);
  };
  await one.states.checkpoint(one.subject(1), undefined);
  const stored = '{"n":1}\n{"n":2}\n';
  expect(await restored(`${stored}{"n":3}\n`, 3600)).toBe(`${stored}{"n":3}\n`);
  expect(await restored('{"n":1}\n', -3600)).toBe(stored);
  expect(await restored('{"n":7}\n', -3600)).toBe('{"n":7}\n');
  expect(await restored('{"n":8}\n', 3600)).toBe(stored);
  const beside = readdirSync(join(two.home, two.folder)).filter((name) => name.includes('.before-'));
  expect(beside.map((name) => two.read(join(two.folder, name))).sort()).toEqual(['{"n":1}\n', '{"n":8}\n']);
});

test('a file that leads elsewhere is not followed, and one that is too large is named', async () => {
  const { root, one, two } = setUp();
  converse(one);
  writeFileSync(join(root, 'foreign'), 'of another person');
  symlinkSync(join(root, 'foreign'), join(one.home, one.folder, ID, 'link.txt'));
  one.write(`${one.folder}/${ID}/tool-results/long.txt`, Buffer.alloc(FILE_BYTES + 1));
  await one.states.checkpoint(one.subject(1), undefined);
  const { words } = await two.states.restore(two.subject(1));
  expect(existsSync(join(two.home, two.folder, ID, 'link.txt'))).toBe(false);
  expect(words.join('\n')).toMatch(/Not stored: .*long\.txt \(too large\)/);
});

test('work and conversation move between two disks and back, each time to where the other one stopped', async () => {
  const { one, two } = setUp();
  converse(one);
  mkdirSync(join(one.work, 'project'));
  one.git('init', '-q', '-b', 'main');
  one.write('work/project/a.txt', 'committed\n');
  one.git('add', '.');
  one.git('commit', '-qm', 'first');
  one.write('work/project/a.txt', 'changed on one\n');
  const known = await one.states.checkpoint(one.subject(1), undefined);
  expect(await one.states.checkpoint(one.subject(1), known)).toBe(known);

  const there = await two.states.restore(two.subject(1));
  expect(there.words.join('\n')).toContain('were restored in');
  expect(two.git('diff')).toBe(one.git('diff'));
  two.write('work/project/a.txt', 'changed on two\n');
  two.write('work/project/b.txt', 'new on two\n');
  two.write(`${two.folder}/${ID}.jsonl`, '{"n":1}\n{"n":2}\n{"n":3}\n');
  await two.states.checkpoint(two.subject(2), undefined);

  const back = await one.states.restore(one.subject(2));
  expect(back.words.join('\n')).toContain('brought forward');
  expect(one.read('work/project/b.txt')).toBe('new on two\n');
  expect(one.git('status', '--porcelain')).toBe(two.git('status', '--porcelain'));
  expect(one.read(`${one.folder}/${ID}.jsonl`)).toContain('{"n":3}');
});

test('on its own disk what was changed after the last checkpoint stays, and nothing is said', async () => {
  const { one } = setUp();
  mkdirSync(join(one.work, 'project'));
  one.git('init', '-q', '-b', 'main');
  one.write('work/project/a.txt', 'stored\n');
  await one.states.checkpoint(one.subject(1), undefined);
  one.write('work/project/a.txt', 'later\n');
  expect((await one.states.restore(one.subject(1))).words).toEqual([]);
  expect(one.read('work/project/a.txt')).toBe('later\n');
  expect(one.git('for-each-ref')).toBe('');
});

test('two sessions in one directory restore it once, whichever comes first', async () => {
  const { one, two } = setUp();
  mkdirSync(join(one.work, 'project'));
  one.git('init', '-q', '-b', 'main');
  one.write('work/project/a.txt', 'first\n');
  await one.states.checkpoint(one.subject(1), undefined);
  one.write('work/project/a.txt', 'second\n');
  const later = (shard: Shard) => ({ ...shard.subject(1), sessionId: OTHER });
  await one.states.checkpoint(later(one), undefined);
  await Promise.all([two.states.restore(two.subject(1)), two.states.restore(later(two))]);
  expect(two.read('work/project/a.txt')).toBe('second\n');
  rmSync(join(two.work, 'project'), { recursive: true });
  await Promise.all([two.states.restore(later(two)), two.states.restore(two.subject(1))]);
  expect(two.read('work/project/a.txt')).toBe('second\n');
  expect(two.git('for-each-ref')).toBe('');
});

test('outside of a repository nothing is stored of files, and that is said where they are missing', async () => {
  const { one, two, store } = setUp();
  one.write('work/project/notes.txt', 'plain');
  await one.states.checkpoint(
    { ...one.subject(1), conversation: { ...one.subject(1).conversation, conversationId: OTHER } },
    undefined,
  );
  expect(await store.list('sessions')).toEqual([]);
  converse(one);
  await one.states.checkpoint(one.subject(1), undefined);
  const { words } = await two.states.restore(two.subject(1));
  expect(words.join('\n')).toContain('in no git repository');
  expect(readdirSync(join(two.work, 'project'))).toEqual([]);
});

test('names of files carry nothing out in a terminal', async () => {
  const { one, two } = setUp();
  mkdirSync(join(one.work, 'project'));
  one.git('init', '-q', '-b', 'main');
  one.write('work/project/a.txt', 'x\n');
  one.write('work/project/\x1b]0;title\x07.bin', Buffer.alloc(FILE_BYTES + 1));
  await one.states.checkpoint(one.subject(1), undefined);
  const { words } = await two.states.restore(two.subject(1));
  expect(words.join('\n')).toContain('title');
  expect(words.join('')).not.toMatch(/\p{Cc}/u);
});

test('what was stored goes with the session', async () => {
  const { one, store } = setUp();
  converse(one);
  await one.states.checkpoint(one.subject(1), undefined);
  expect(await store.list('sessions')).not.toEqual([]);
  await one.states.forget(SESSION);
  expect(await store.list('sessions')).toEqual([]);
});
