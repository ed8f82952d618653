import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import pino from 'pino';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { AppError } from '../../protocol/errors.ts';
import { MAX_UPLOADS_AT_ONCE, UPLOAD_FOLDER, type FileList, type Uploaded } from '../../protocol/files.ts';
import { errorHandler } from '../http/errors.ts';
import { prepare, workspaceOf, type Workspace } from '../projects/workspace.ts';
import { until } from '../testing/until.ts';
import { fileRoutes } from './fileRoutes.ts';
import { listDirectory } from './listing.ts';
import { SessionPlaces } from './sessionPlaces.ts';

const ADA = 'ada@example.com';
const BOB = 'bob@example.com';
const OF_ADA = '11111111-1111-4111-8111-111111111111';
const OF_BOB = '22222222-2222-4222-8222-222222222222';
const ELSEWHERE = '33333333-3333-4333-8333-333333333333';
const MAX_BYTES = 1024 * 1024;

let people: string;
let ada: Workspace;
let bob: Workspace;
let at: string;

beforeEach(async () => {
  people = mkdtempSync(join(tmpdir(), 'hf-files-'));
  const workspaces = (email: string) => workspaceOf(email, { isSingleUser: false, peopleDirectory: people });
  ada = workspaces(ADA);
  bob = workspaces(BOB);
  for (const one of [ada, bob]) {
    prepare(one);
    mkdirSync(join(one.root, 'app'));
  }
  const rows: Record<string, { ownerEmail: string; cwd: string; shardId: string }> = {
    [OF_ADA]: { ownerEmail: ADA, cwd: join(ada.root, 'app'), shardId: 'backend-1' },
    [OF_BOB]: { ownerEmail: BOB, cwd: join(bob.root, 'app'), shardId: 'backend-1' },
    [ELSEWHERE]: { ownerEmail: ADA, cwd: join(ada.root, 'app'), shardId: 'backend-2' },
  };
  const places = new SessionPlaces({
    shardId: 'backend-1',
    live: () => undefined,
    stored: (id) => Promise.resolve(rows[id]),
    whyNotHere: () => Promise.resolve(new AppError('session.wrong_shard', 'it is elsewhere')),
    workspaceOf: workspaces,
  });
  const app = express();
  app.use((request, _response, next) => {
    request.caller = { email: ADA, name: 'Ada', roles: ['user', 'admin'] };
    next();
  });
  app.use(fileRoutes({ placeOf: (caller, id) => places.of(caller, id), maxUploadBytes: MAX_BYTES }));
  app.use(errorHandler(pino({ level: 'silent' })));
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  at = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/sessions`;
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
    rmSync(people, { recursive: true, force: true });
  });
});

const inApp = (...parts: string[]) => join(ada.root, 'app', ...parts);
const files = (query: Record<string, string> = {}, session = OF_ADA, tail = '') =>
  `${at}/${session}/files${tail}?${new URLSearchParams(query).toString()}`;
const list = (path?: string) => fetch(files(path === undefined ? {} : { path }));
const load = (path: string, session = OF_ADA) => fetch(files({ path }, session, '/content'));
const upload = (query: Record<string, string>, body: BodyInit, session = OF_ADA) =>
  fetch(files(query, session), { method: 'POST', headers: { 'Content-Type': 'application/octet-stream' }, body });
const codeOf = async (answer: Response) =>
  `${answer.status} ${((await answer.json()) as { error?: { code: string } }).error?.code ?? 'accepted'}`;

/** Begins an upload by hand: its head, and as much of its body as is written to it. */
function begin(query: Record<string, string>, headers: Record<string, string | number> = {}) {
  const request = httpRequest(files(query), {
    method: 'POST',
    headers: { 'Content-Type': 'application/octet-stream', ...headers },
  });
  request.on('error', () => undefined);
  const answered = new Promise<number>((resolve) =>
    request.once('response', (response: IncomingMessage) => resolve((response.resume(), response.statusCode!))),
  );
  return { request, answered };
}

test('what lies in a directory is listed, with what links lead to inside and nothing of what lies outside', async () => {
  mkdirSync(inApp('src'));
  writeFileSync(inApp('readme.md'), 'hello');
  symlinkSync('src', inApp('in'));
  symlinkSync('/etc/passwd', inApp('out'));
  symlinkSync('nowhere', inApp('broken'));
  const { path, root, cwd, entries, isCut } = (await (await list()).json()) as FileList;
  expect({ path, root, cwd, isCut }).toEqual({ path: inApp(), root: ada.root, cwd: inApp(), isCut: false });
  const shown = entries.map(({ name, kind, isLink, sizeBytes }) => `${name} ${kind} ${isLink} ${sizeBytes}`);
  expect(shown.sort()).toEqual([
    'broken other true null',
    'in directory true null',
    'out other true null',
    'readme.md file false 5',
    'src directory false null',
  ]);
});

test('a directory of more entries than are listed says so', async () => {
  for (let n = 0; n < 5; n++) writeFileSync(inApp(`${n}`), '');
  const place = { workspace: ada, cwd: inApp() };
  expect(await listDirectory(place, '.', 3)).toMatchObject({ isCut: true, entries: { length: 3 } });
  expect(await listDirectory(place, '.', 5)).toMatchObject({ isCut: false, entries: { length: 5 } });
});

test('an upload without a directory goes where agents may read and git does not look', async () => {
  const answer = (await (await upload({ name: 'Bild 1.png' }, 'png')).json()) as Uploaded;
  const path = inApp(UPLOAD_FOLDER, 'Bild 1.png');
  expect(answer).toEqual({ path, name: 'Bild 1.png', sizeBytes: 3 });
  expect([readFileSync(path, 'utf8'), readFileSync(inApp(UPLOAD_FOLDER, '.gitignore'), 'utf8')]).toEqual([
    'png',
    '*\n',
  ]);
});

test('nothing is ever replaced: the second of a name gets a number', async () => {
  const names: string[] = [];
  for (const text of ['one', 'two', 'three'])
    names.push(((await (await upload({ name: 'a.txt', directory: '.' }, text)).json()) as Uploaded).name);
  expect(names).toEqual(['a.txt', 'a-2.txt', 'a-3.txt']);
  expect(names.map((name) => readFileSync(inApp(name), 'utf8'))).toEqual(['one', 'two', 'three']);
});

test('an empty file is a file, too', async () => {
  expect(await codeOf(await upload({ name: 'empty', directory: '.' }, ''))).toBe('200 accepted');
  const answer = await load('empty');
  expect([answer.status, await answer.text()]).toEqual([200, '']);
});

test('what leads outside is refused, however it is written, and nothing is made there', async () => {
  symlinkSync(bob.root, inApp('link'));
  writeFileSync(join(bob.root, 'secret'), 'of bob');
  symlinkSync(join(bob.root, 'secret'), inApp('secret'));
  expect([
    await codeOf(await list('../../..')),
    await codeOf(await list('/etc')),
    await codeOf(await list('link')),
    await codeOf(await list('~')),
    await codeOf(await load('/etc/passwd')),
    await codeOf(await load('secret')),
    await codeOf(await load('link/secret')),
    await codeOf(await load(`../../../${bob.home.split('/').at(-1)!}/work/secret`)),
    await codeOf(await upload({ name: 'x', directory: 'link' }, 'x')),
    await codeOf(await upload({ name: 'x', directory: bob.root }, 'x')),
  ]).toEqual(Array(10).fill('400 file.outside'));
  expect(readdirSync(bob.root).sort()).toEqual(['app', 'secret']);
});

test('a name leads nowhere', async () => {
  const { path } = (await (await upload({ name: '../../../evil', directory: '.' }, 'x')).json()) as Uploaded;
  expect(path).toBe(inApp('evil'));
});

test('a folder for uploads that is a link is not followed', async () => {
  mkdirSync(join(bob.root, 'target'));
  symlinkSync(join(bob.root, 'target'), inApp(UPLOAD_FOLDER));
  expect(await codeOf(await upload({ name: 'x' }, 'x'))).toMatch(/^40[034] file\./);
  expect(readdirSync(join(bob.root, 'target'))).toEqual([]);
});

test("another person's session is one that does not exist, also for an admin", async () => {
  writeFileSync(join(bob.root, 'app', 'x'), 'of bob');
  const unknown = '44444444-4444-4444-8444-444444444444';
  for (const session of [OF_BOB, unknown])
    expect([
      await codeOf(await fetch(files({}, session))),
      await codeOf(await load('x', session)),
      await codeOf(await upload({ name: 'y', directory: '.' }, 'y', session)),
    ]).toEqual(Array(3).fill('404 session.not_found'));
  expect(existsSync(join(bob.root, 'app', 'y'))).toBe(false);
});

test('a session of another shard is told as such', async () => {
  expect(await codeOf(await fetch(files({}, ELSEWHERE)))).toBe('421 session.wrong_shard');
});

test('a file is downloaded byte by byte, and is no page of ours', async () => {
  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7) % 256));
  writeFileSync(inApp('page "ü".html'), bytes);
  const answer = await load('page "ü".html');
  expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'content-type': 'application/octet-stream',
    'content-length': '300000',
    'content-disposition': expect.stringMatching(
      /^attachment; .*filename\*=UTF-8''page%20%22%C3%BC%22\.html$/,
    ) as string,
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
  });
});

test('what is no file is not sent', async () => {
  mkdirSync(inApp('src'));
  for (const path of ['src', '.', 'nothing', 'a\0b', ''])
    expect(await codeOf(await load(path))).toMatch(/^(404 file\.not_found|400 input\.invalid)$/);
});

test('a body that is no file is refused', async () => {
  const headers = { 'Content-Type': 'multipart/form-data; boundary=x' };
  const answer = await fetch(files({ name: 'x' }), { method: 'POST', headers, body: 'x' });
  expect([await codeOf(answer), existsSync(inApp(UPLOAD_FOLDER))]).toEqual(['400 input.invalid', false]);
});

test('what is too large is refused by what it says and by what it is, and leaves nothing', async () => {
  const said = begin({ name: 'x', directory: '.' }, { 'Content-Length': MAX_BYTES + 1 });
  said.request.flushHeaders();
  expect(await said.answered).toBe(413);
  said.request.destroy();
  const grown = begin({ name: 'x', directory: '.' }, { 'Transfer-Encoding': 'chunked' });
  grown.request.end(Buffer.alloc(MAX_BYTES + 1));
  expect([await grown.answered, readdirSync(inApp())]).toEqual([413, []]);
});

test('an upload that is cut leaves nothing, and while it comes its name is free', async () => {
  const cut = begin({ name: 'half.bin', directory: '.' }, { 'Content-Length': 1000 });
  cut.request.write(Buffer.alloc(500));
  await until(() => readdirSync(inApp()).length === 1);
  expect(readdirSync(inApp())[0]).toMatch(/^\.holdfast-.*\.part$/);
  cut.request.destroy();
  await until(() => readdirSync(inApp()).length === 0);
});

test('a person has so many uploads under way, and no more', async () => {
  const begun = Array.from({ length: MAX_UPLOADS_AT_ONCE }, (_, n) =>
    begin({ name: `${n}`, directory: '.' }, { 'Content-Length': 10 }),
  );
  for (const { request } of begun) request.write('12345');
  await until(() => readdirSync(inApp()).length === MAX_UPLOADS_AT_ONCE);
  expect(await codeOf(await upload({ name: 'more', directory: '.' }, 'x'))).toBe('429 file.too_many');
  for (const { request } of begun) request.end('67890');
  expect(await Promise.all(begun.map(({ answered }) => answered))).toEqual(begun.map(() => 200));
  expect(await codeOf(await upload({ name: 'more', directory: '.' }, 'x'))).toBe('200 accepted');
});
