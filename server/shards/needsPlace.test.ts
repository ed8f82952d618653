import { expect, test } from 'vitest';
import { needsPlace } from './needsPlace.ts';

test('opening and reviving a session need a place, however the path is written', () => {
  for (const url of [
    '/api/v1/sessions',
    '/API/V1/Sessions/?x=/y',
    '/api/v1/sessions/5c1f/revive',
    '/api/v1/sessions/5c1f/revive/',
  ]) {
    expect([url, needsPlace('POST', url)]).toEqual([url, true]);
  }
});

test('nothing else does', () => {
  for (const [method, url] of [
    ['GET', '/api/v1/sessions'],
    ['DELETE', '/api/v1/sessions/5c1f'],
    ['POST', '/api/v1/projects'],
    ['POST', '/api/v1/sessions/5c1f/share'],
    ['POST', '/api/connections/sessions/renew'],
  ] as const) {
    expect([method, url, needsPlace(method, url)]).toEqual([method, url, false]);
  }
});
