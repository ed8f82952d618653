import express from 'express';
import type { AddressInfo } from 'node:net';
import pino from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { MAX_BODY_BYTES } from '../../protocol/limits.ts';
import { MAX_PREFERENCE_BYTES, MAX_PREFERENCE_DEPTH, type PreferenceDocument } from '../../protocol/preferences.ts';
import { errorHandler } from '../http/errors.ts';
import { preferenceRoutes } from './preferenceRoutes.ts';

const ADA = 'ada@example.com';
const FIRST: PreferenceDocument = { name: 'settings', revision: 1, value: {}, updatedAt: '2026-01-01T00:00:00.000Z' };

async function setUp() {
  const stored: unknown[] = [];
  const changed: string[] = [];
  const preferences = {
    list: (email: string) => Promise.resolve(email === ADA ? [FIRST] : []),
    put: (...what: unknown[]) => Promise.resolve((stored.push(what), FIRST)),
  };
  const app = express();
  app.use(express.json({ limit: MAX_BODY_BYTES }), (request, _response, next) => {
    request.caller = { email: ADA, name: 'Ada', roles: ['user'] };
    next();
  });
  app.use(preferenceRoutes(preferences, (email) => changed.push(email)));
  app.use(errorHandler(pino({ level: 'silent' })));
  const server = app.listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/preferences`;
  const put = async (name: string, body: string) => {
    const headers = { 'Content-Type': 'application/json', Connection: 'close' };
    const answer = await fetch(`${at}/${name}`, { method: 'PUT', headers, body });
    const { error } = (await answer.json()) as { error?: { code: string } };
    return `${answer.status} ${error?.code ?? 'accepted'}`;
  };
  const list = async () => (await fetch(at, { headers: { Connection: 'close' } })).json() as Promise<unknown>;
  return { stored, changed, put, list };
}

const bodyOf = (value: unknown, revision = 0) => JSON.stringify({ revision, value });
const nested = (depth: number) => `{"revision":0,"value":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}}`;

test('a person lists their own, and a change is announced to them, whoever the body names', async () => {
  const { list, put, stored, changed } = await setUp();
  expect(await list()).toEqual({ email: ADA, documents: [FIRST] });
  const body = JSON.stringify({ revision: 3, value: { a: 1 }, name: 'keymap', email: 'bob@example.com' });
  expect(await put('settings', body)).toBe('200 accepted');
  expect([stored, changed]).toEqual([[[ADA, 'settings', 3, { a: 1 }]], [ADA]]);
});

test('what is no document is refused, and nothing of it stored or announced', async () => {
  const { put, stored, changed } = await setUp();
  expect([
    await put('passwords', bodyOf({})),
    await put('settings', bodyOf([])),
    await put('settings', bodyOf(null)),
    await put('settings', bodyOf({}, -1)),
    await put('settings', bodyOf({}, 0.5)),
    await put('settings', bodyOf({}, 2 ** 31)),
    await put('settings', '{"value":{}}'),
    await put('settings', bodyOf({ a: 'NUL \0' })),
    await put('settings', bodyOf({ '\ud800': 1 })),
    await put('settings', nested(MAX_PREFERENCE_DEPTH + 1)),
    await put('settings', nested(100_000)),
  ]).toEqual(Array(11).fill('400 input.invalid'));
  expect([stored, changed]).toEqual([[], []]);
});

test('a document may be as large and as deep as the limits say, counted in bytes', async () => {
  const { put, stored } = await setUp();
  const sized = (bytes: number) => bodyOf({ a: 'ä'.repeat((bytes - '{"a":""}'.length) / 2) });
  expect(await put('settings', sized(MAX_PREFERENCE_BYTES))).toBe('200 accepted');
  expect(await put('settings', sized(MAX_PREFERENCE_BYTES + 2))).toBe('413 input.too_large');
  expect(await put('settings', nested(MAX_PREFERENCE_DEPTH))).toBe('200 accepted');
  expect(stored).toHaveLength(2);
});
