import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { takeCarriers, withoutParameter, withParameter } from './carriers.ts';

function take(url: string, headers: Record<string, string> = {}) {
  const request = { url, originalUrl: url, headers } as unknown as IncomingMessage & { originalUrl: string };
  const arrivals = takeCarriers(request);
  return {
    url: request.url,
    originalUrl: request.originalUrl,
    assertion: request.headers['x-holdfast-assertion'],
    arrivals,
  };
}

test('an assertion in the address is moved to the header, and stands in no address any more', () => {
  expect(take('/api/v1/sessions?a=1&hfa=a.b.c&b=%20')).toMatchObject({
    url: '/api/v1/sessions?a=1&b=%20',
    originalUrl: '/api/v1/sessions?a=1&b=%20',
    assertion: 'a.b.c',
    arrivals: { header: false, query: true },
  });
  expect(take('/api/hop?hfa=a.b.c').url).toBe('/api/hop');
});

test('the header wins, and of two parameters neither counts', () => {
  expect(take('/x?hfa=query', { 'x-holdfast-assertion': 'header' })).toMatchObject({
    url: '/x',
    assertion: 'header',
    arrivals: { header: true, query: true },
  });
  expect(take('/x?hfa=one&hfa=two')).toMatchObject({ url: '/x', assertion: undefined });
});

test('every spelling of the parameter is taken, and nothing else is touched', () => {
  for (const name of ['hfa', '%68fa', 'h%66%61'])
    expect(take(`/x?${name}=t`)).toMatchObject({ url: '/x', assertion: 't' });
  for (const url of ['/x', '/x?', '/x?hfab=1', '/hfa=1?x', '/x?%=1&&a'])
    expect(withoutParameter(url, 'hfa')).toEqual({ url, values: [] });
});

test('the proxy before a shard is seen by what it says, never by its values', () => {
  expect(take('/x', { 'x-forwarded-user': '7@1', 'x-forwarded-email': 'a@b.c' }).arrivals).toEqual({
    header: false,
    query: false,
    forwardedEmail: true,
    forwardedUser: true,
  });
});

test('a parameter is put behind those that are there', () => {
  expect([withParameter('/x', 'hfa', 'a.b'), withParameter('/x?y=1', 'hfa', 'a/b')]).toEqual([
    '/x?hfa=a.b',
    '/x?y=1&hfa=a%2Fb',
  ]);
});
