import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { CheckpointStore } from './checkpointStore.ts';
import { folderStore } from './folderStore.ts';
import { PART_BYTES } from './limits.ts';
import { checkpointKey, sealPart, unsealPart } from './partSeal.ts';
import type { StateStore } from './stateStore.ts';

const KEY = checkpointKey(Buffer.alloc(32, 7));
const life = { sessionId: '7c9e6679-7425-40de-944b-e07fc1f90ae7', incarnation: 1 };
const draft = { shardId: 'a', takenAt: 1, agent: null, work: null, leftOut: [] };

function setUp() {
  const home = mkdtempSync(join(tmpdir(), 'hf-checkpoints-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const store = folderStore(join(home, 'state'));
  let count = 0;
  const folder = () => {
    const path = join(home, `folder-${count++}`);
    mkdirSync(path);
    return path;
  };
  const gather = (contents: Record<string, Buffer>) => {
    const into = folder();
    return Object.entries(contents).map(([name, bytes]) => {
      writeFileSync(join(into, name), bytes);
      return { name, path: join(into, name), sizeBytes: bytes.length };
    });
  };
  return { store, checkpoints: new CheckpointStore(store, KEY), folder, gather };
}

test('files come out as they went in: none, empty ones, and more than one part', async () => {
  const { checkpoints, gather, folder, store } = setUp();
  const contents = {
    nothing: Buffer.alloc(0),
    large: randomBytes(PART_BYTES * 2 + 17),
    small: Buffer.from('small'),
    last: Buffer.alloc(0),
  };
  await checkpoints.save(life, draft, gather(contents));
  expect((await store.list('sessions')).length).toBe(4);
  const found = (await checkpoints.find(life))!;
  const read = await checkpoints.read(found.life, found.manifest, folder());
  for (const [name, bytes] of Object.entries(contents))
    expect(readFileSync(read.get(name)!.path).equals(bytes)).toBe(true);

  const empty = { ...life, sessionId: '7c9e6679-7425-40de-944b-e07fc1f90ae8' };
  await checkpoints.save(empty, draft, []);
  const { manifest } = (await checkpoints.find(empty))!;
  expect((await checkpoints.read(empty, manifest, folder())).size).toBe(0);
});

test('a new checkpoint takes the place of the old one when it is whole, and never before', async () => {
  const { checkpoints, gather, folder, store } = setUp();
  await checkpoints.save(life, draft, gather({ a: Buffer.from('old') }));
  const failing: StateStore = {
    ...store,
    put: (key, bytes) => (key.endsWith('/head') ? Promise.reject(new Error('away')) : store.put(key, bytes)),
  };
  await expect(new CheckpointStore(failing, KEY).save(life, draft, gather({ a: Buffer.from('half') }))).rejects.toThrow(
    'away',
  );
  const old = (await checkpoints.find(life))!;
  const text = async ({ manifest }: typeof old) =>
    readFileSync((await checkpoints.read(life, manifest, folder())).get('a')!.path, 'utf8');
  expect(await text(old)).toBe('old');
  await checkpoints.save(life, draft, gather({ a: Buffer.from('new') }));
  expect(await text((await checkpoints.find(life))!)).toBe('new');
  expect((await store.list('sessions')).length).toBe(2); // also what the failed one left is gone
});

test('a life finds the checkpoint of its predecessor, not that of a successor; a closed session has none', async () => {
  const { checkpoints, gather } = setUp();
  const at = (incarnation: number) => ({ ...life, incarnation });
  for (const incarnation of [1, 2, 4]) await checkpoints.save(at(incarnation), draft, gather({}));
  expect((await checkpoints.find(at(3)))!.life.incarnation).toBe(2);
  await checkpoints.forgetBefore(at(2));
  expect(await checkpoints.find(at(1))).toBeUndefined();
  expect((await checkpoints.find(at(9)))!.life.incarnation).toBe(4);
  await checkpoints.forget(life.sessionId);
  expect(await checkpoints.find(at(9))).toBeUndefined();
});

test('what is damaged, moved, or sealed with another key is told as unreadable', async () => {
  const { checkpoints, gather, folder, store } = setUp();
  const { manifest } = await checkpoints
    .save(life, draft, gather({ a: Buffer.from('text') }))
    .then((one) => ({ manifest: one }));
  const folderOf = `sessions/${life.sessionId}`;
  const part = `${folderOf}/1/${manifest.checkpointId}.0`;
  const sealed = (await store.get(part))!;
  await store.put(part, Buffer.concat([sealed.subarray(0, -1), Buffer.of(sealed.at(-1)! ^ 1)]));
  await expect(checkpoints.read(life, manifest, folder())).rejects.toMatchObject({ code: 'state.unreadable' });
  await store.delete(part);
  await expect(checkpoints.read(life, manifest, folder())).rejects.toMatchObject({ code: 'state.unreadable' });
  await store.put(`${folderOf}/2/head`, (await store.get(`${folderOf}/1/head`))!);
  await expect(checkpoints.find({ ...life, incarnation: 2 })).rejects.toMatchObject({ code: 'state.unreadable' });
  const foreign = new CheckpointStore(store, checkpointKey(Buffer.alloc(32, 8)));
  await expect(foreign.find(life)).rejects.toMatchObject({ code: 'state.unreadable' });
});

test('a seal opens for the session, incarnation and name that it was made for, and shows nothing', () => {
  const part = { ...life, name: 'head' };
  const sealed = sealPart(KEY, Buffer.from('plain words'), part);
  expect(unsealPart(KEY, sealed, part)!.toString()).toBe('plain words');
  expect(sealed.includes('plain')).toBe(false);
  for (const other of [
    { ...part, name: 'x' },
    { ...part, incarnation: 2 },
    { ...part, sessionId: 'x' },
  ])
    expect(unsealPart(KEY, sealed, other)).toBeUndefined();
  expect(unsealPart(KEY, Buffer.alloc(3), part)).toBeUndefined();
});
