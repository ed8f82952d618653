import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { guard } from './originGuard.ts';

const request = (method: string, headers: Record<string, string>) =>
  ({ method, headers }) as unknown as IncomingMessage;
const check = (method: string, headers: Record<string, string>) => () =>
  guard(request(method, headers), { allowedHosts: ['shell.example.com'] });
const refusedAs = (code: string) => expect.objectContaining({ code }) as Error;

test('loopback and configured names are known, others are not', () => {
  for (const host of ['localhost:8000', '127.0.0.1:1', '[::1]:8000', 'shell.example.com'])
    expect(check('GET', { host })).not.toThrow();
  for (const host of ['evil.example.com', 'localhost.evil.com:8000', ''])
    expect(check('GET', { host })).toThrow(refusedAs('auth.host_refused'));
});

test('a state-changing request of another site is refused, one of our own page or of a program is not', () => {
  const host = 'localhost:8000';
  expect(check('POST', { host, origin: 'http://localhost:8000' })).not.toThrow();
  expect(check('POST', { host })).not.toThrow();
  for (const origin of ['http://evil.com', 'http://localhost:9000', 'null', 'nonsense']) {
    expect(check('POST', { host, origin })).toThrow(refusedAs('auth.origin_refused'));
  }
});

test('an upgrade is as guarded as a POST, a plain read is not', () => {
  const headers = { host: 'localhost:8000', origin: 'http://evil.com' };
  expect(check('GET', headers)).not.toThrow();
  expect(check('GET', { ...headers, upgrade: 'websocket' })).toThrow(refusedAs('auth.origin_refused'));
});

test('behind a proxy that changes Host, the name that people use is ours', () => {
  expect(check('POST', { host: '127.0.0.1:8000', origin: 'https://shell.example.com' })).not.toThrow();
});
