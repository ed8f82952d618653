import { expect, test } from 'vitest';
import { verdict } from './hopAnswer.ts';

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };
const PAGE = { 'content-type': 'text/html; charset=utf-8' };
const page = '<!doctype html><title>Sign in</title>';
const ours = (code: string) => JSON.stringify({ error: { code, message: 'a sentence of ours' } });
const of = (status: number, headers = {}, body?: string, method = 'GET') =>
  verdict({ method, status, headers }, body).is;

test('what a shard says goes on', () => {
  expect(of(200, JSON_TYPE)).toBe('answer');
  expect(of(304)).toBe('answer');
  expect(of(404, JSON_TYPE, ours('session.not_found'))).toBe('answer');
  expect(of(503, JSON_TYPE, ours('database.unavailable'))).toBe('answer');
  expect(of(403, JSON_TYPE, ours('auth.forbidden'))).toBe('answer');
  expect(of(502, JSON_TYPE, ours('later.code_of_ours'))).toBe('answer');
  expect(of(404, JSON_TYPE, '', 'HEAD')).toBe('answer');
  expect(of(200, { 'content-type': 'text/html' }, 'ok')).toBe('answer'); // engine.io
});

test('a refused token is known by a redirect, a page where an answer should be, or 401 that is not ours', () => {
  for (const status of [301, 302, 303, 307, 308]) expect(of(status, { location: '/oidc/x' })).toBe('token_refused');
  expect(of(200, PAGE, page)).toBe('token_refused');
  expect(of(200, PAGE, undefined)).toBe('token_refused'); // longer than was read
  expect(of(401, {}, '')).toBe('token_refused');
  expect(of(401, JSON_TYPE, '{"error_code":"UNAUTHENTICATED","message":"no"}')).toBe('token_refused');
  expect(of(401, PAGE, page)).toBe('token_refused');
});

test('an ingress that lacks permission or its app is told apart from a shard that refuses', () => {
  expect(of(403, PAGE, page)).toBe('no_permission');
  expect(of(403, JSON_TYPE, '{"error":"forbidden"}')).toBe('no_permission');
  for (const status of [500, 502, 503, 504]) {
    expect(of(status, PAGE, page)).toBe('unreachable');
    expect(of(status, {}, 'upstream connect error')).toBe('unreachable');
    expect(of(status, JSON_TYPE, '{"error":{"code":"UNAVAILABLE","message":"of the platform"}}')).toBe('unreachable');
  }
  expect(of(404, PAGE, page)).toBe('unreachable');
  expect(of(429, {}, 'slow down')).toBe('unreachable');
});

test('our own word that was refused is not the fault of the person', () => {
  for (const code of ['AUTH_MISSING', 'AUTH_INVALID', 'AUTH_EXPIRED'])
    expect(verdict({ method: 'GET', status: 401, headers: JSON_TYPE }, ours(code))).toEqual({
      is: 'assertion_refused',
      code,
    });
});

test('a refusal of the form, by what does not know our errors, stays one', () => {
  expect(of(400, JSON_TYPE, '{"code":1,"message":"Session ID unknown"}')).toBe('malformed');
  expect(of(400, PAGE, 'Transport unknown')).toBe('malformed');
  expect(of(431, {}, '')).toBe('malformed');
});
