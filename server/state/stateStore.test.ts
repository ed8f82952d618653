import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../base/clock.ts';
import { storeSetting } from '../base/stateSetting.ts';
import { principalTokens, WorkspaceClient } from '../databricks/workspaceClient.ts';
import { startFakeFiles } from '../testing/fakeFiles.ts';
import { startFakeS3 } from '../testing/fakeS3.ts';
import { folderStore } from './folderStore.ts';
import { s3Store } from './s3Store.ts';
import type { StateStore } from './stateStore.ts';
import { volumeStore } from './volumeStore.ts';

const VOLUME = '/Volumes/main/holdfast/state';
const KEYS = { accessKeyId: 'id', secretAccessKey: 'secret/+' };

function inFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'hf-store-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return { store: folderStore(join(folder, 'state')), folder };
}

async function inS3(secretAccessKey = KEYS.secretAccessKey, bucket = 'states') {
  const s3 = await startFakeS3(KEYS, 'states');
  onTestFinished(() => s3.close());
  const place = { bucket, prefix: 'a/b', region: 'eu-central-1', endpoint: s3.url };
  return { store: s3Store(place, { ...KEYS, secretAccessKey }), s3 };
}

async function inVolume() {
  const api = await startFakeFiles(VOLUME);
  onTestFinished(() => api.close());
  const tokens = principalTokens({ host: api.url, clientId: 'app', clientSecret: 's' }, systemClock);
  return { store: volumeStore(`${VOLUME}/deep`, new WorkspaceClient(api.url, tokens, systemClock)), api };
}

const kinds: [string, () => Promise<StateStore>][] = [
  ['a folder', async () => Promise.resolve(inFolder().store)],
  ['S3', async () => (await inS3()).store],
  ['a volume', async () => (await inVolume()).store],
];

describe.each(kinds)('in %s', (_name, open) => {
  test('what was put is got, the last one of several, and nothing where nothing was put', async () => {
    const store = await open();
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    await store.put('sessions/one/1/head', Buffer.from('first'));
    await store.put('sessions/one/1/head', bytes);
    await store.put('sessions/one/1/empty', Buffer.alloc(0));
    expect(await store.get('sessions/one/1/head')).toEqual(bytes);
    expect(await store.get('sessions/one/1/empty')).toEqual(Buffer.alloc(0));
    expect(await store.get('sessions/one/1/other')).toBeUndefined();
  });

  test('a folder is listed with all below it and nothing beside it, and cleared with all below it', async () => {
    const store = await open();
    const mine = ['sessions/one/1/head', 'sessions/one/1/x.0', 'sessions/one/1/x.1', 'sessions/one/2/head'];
    for (const key of [...mine, 'sessions/one-more/1/head']) await store.put(key, Buffer.from(key));
    expect((await store.list('sessions/one')).sort()).toEqual(mine);
    expect(await store.list('sessions/nobody')).toEqual([]);
    await store.delete('sessions/one/1/x.0');
    await store.delete('sessions/one/1/x.0'); // twice is once
    expect((await store.list('sessions/one/1')).sort()).toEqual(['sessions/one/1/head', 'sessions/one/1/x.1']);
    await store.clear('sessions/one');
    await store.clear('sessions/one');
    expect(await store.list('sessions/one')).toEqual([]);
    expect(await store.list('sessions/one-more')).toEqual(['sessions/one-more/1/head']);
  });

  test('a key that leads out of the store is refused', async () => {
    const store = await open();
    for (const key of ['../x', 'a/../b', '/a', 'a//b', ''])
      await expect((async () => store.put(key, Buffer.of(1)))()).rejects.toThrow(/no key/);
  });
});

test('files of a folder are for us alone, and an unfinished one is not listed', async () => {
  const { store, folder } = inFolder();
  await store.put('sessions/one/1/head', Buffer.from('x'));
  const inside = join(folder, 'state/sessions/one/1');
  expect([statSync(join(inside, 'head')).mode & 0o777, statSync(inside).mode & 0o777]).toEqual([0o600, 0o700]);
  writeFileSync(join(inside, 'head.1.unfinished~'), 'half');
  expect(await store.list('sessions/one')).toEqual(['sessions/one/1/head']);
  expect(readdirSync(inside)).toHaveLength(2);
});

test('a store that cannot do it says so with a code of ours, and a passing failure is tried again', async () => {
  const folder = inFolder();
  writeFileSync(join(folder.folder, 'state'), 'no folder');
  const foreign = await inS3('another');
  const noBucket = await inS3(undefined, 'elsewhere');
  const failing = await inVolume();
  failing.api.failures.push(500);
  const code = { code: 'state.unavailable' };
  await expect(folder.store.put('a/b', Buffer.of(1))).rejects.toMatchObject(code);
  await expect(foreign.store.get('a/b')).rejects.toMatchObject({
    ...code,
    message: expect.stringContaining('403 SignatureDoesNotMatch') as string,
  });
  await expect(noBucket.store.get('a/b')).rejects.toMatchObject(code);
  await expect(failing.store.get('a/b')).rejects.toMatchObject(code);
  const passing = await inS3();
  passing.s3.failures.push(503);
  await passing.store.put('a/b', Buffer.of(1));
  expect([...passing.s3.objects.keys()]).toEqual(['states/a/b/a/b']);
});

test('where the store is, is one word in the settings', () => {
  expect(
    [
      'none',
      'folder:/var/state',
      's3://bkt/p/q/?region=eu-west-1&endpoint=http://m:9000',
      's3://bkt',
      `volume:${VOLUME}/x/`,
    ].map(storeSetting),
  ).toEqual([
    { kind: 'none' },
    { kind: 'folder', path: '/var/state' },
    { kind: 's3', place: { bucket: 'bkt', prefix: 'p/q', region: 'eu-west-1', endpoint: 'http://m:9000' } },
    { kind: 's3', place: { bucket: 'bkt', prefix: '', region: 'us-east-1', endpoint: undefined } },
    { kind: 'volume', path: `${VOLUME}/x` },
  ]);
  for (const wrong of ['', 'folder:relative', 'volume:/Volumes/a', 's3://', 's3://bkt?endpoint=x', 'gs://b'])
    expect([wrong, storeSetting(wrong)]).toEqual([wrong, undefined]);
});
