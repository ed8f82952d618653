import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../base/clock.ts';
import { principalTokens, WorkspaceClient } from './workspaceClient.ts';
import { workspaceOrigin } from './workspaceHost.ts';

const closers: (() => void)[] = [];
afterEach(() => closers.splice(0).forEach((close) => close()));

type Answer = { status: number; body?: string; headers?: Record<string, string> };

/** A workspace whose API gives `answers` in turn, the last one again and again. */
async function workspace(answers: Answer[]) {
  const calls: string[] = [];
  let tokens = 0;
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    if (request.url === '/oidc/v1/token') {
      const isKnown = request.headers.authorization === `Basic ${Buffer.from('app:secret').toString('base64')}`;
      response.statusCode = isKnown ? 200 : 401;
      return response.end(
        JSON.stringify(isKnown ? { access_token: `token-${++tokens}`, expires_in: 3600 } : { error: 'invalid_client' }),
      );
    }
    calls.push(`${request.method} ${request.url} ${request.headers.authorization}`);
    const { status, body = '{}', headers = {} } = answers.length > 1 ? answers.shift()! : answers[0]!;
    response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  const host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = (clientSecret = 'secret') =>
    new WorkspaceClient(host, principalTokens({ host, clientId: 'app', clientSecret }, systemClock), systemClock);
  return { calls, client };
}

test('a workspace is written with and without https', () => {
  expect(
    ['dbc-1.example.com', 'https://dbc-1.example.com/', ' https://dbc-1.example.com '].map(workspaceOrigin),
  ).toEqual(Array.from({ length: 3 }, () => 'https://dbc-1.example.com'));
  expect(() => workspaceOrigin('https://')).toThrow(expect.objectContaining({ code: 'config.invalid' }));
});

test('a refused token is replaced once, whether it was refused by a status or by a way to the login page', async () => {
  for (const refusal of [{ status: 401 }, { status: 302, headers: { location: '/oidc/oauth2/v2.0/authorize' } }]) {
    const { calls, client } = await workspace([refusal, { status: 200, body: '{"id":"1"}' }]);
    expect(await client().json('POST', '/api/x', { body: {} })).toEqual({ id: '1' });
    expect(calls).toEqual(['POST /api/x Bearer token-1', 'POST /api/x Bearer token-2']);
  }
});

test('a transient answer is asked again, but a POST that may have been carried out is not repeated', async () => {
  const busy = { status: 503, headers: { 'retry-after': '0.01' } };
  const reading = await workspace([busy, busy, { status: 200 }]);
  expect(await reading.client().json('GET', '/api/x')).toEqual({});
  expect(reading.calls).toHaveLength(3);
  const writing = await workspace([busy, { status: 200 }]);
  await expect(writing.client().json('POST', '/api/x', { body: {} })).rejects.toMatchObject({ status: 503 });
  expect(writing.calls).toHaveLength(1);
});

test('errors in all three styles of the platform become one, without a token in it', async () => {
  const styles = [
    { body: '{"error_code":"PERMISSION_DENIED","message":"no"}', code: 'PERMISSION_DENIED', text: 'no' },
    { body: 'plainly no', code: '', text: 'plainly no' },
    { body: '<!DOCTYPE html><html>no</html>', code: '', text: '(a web page)' },
  ];
  for (const { body, code, text } of styles) {
    const { client } = await workspace([{ status: 403, body }]);
    await expect(client().json('GET', '/api/x?token=1')).rejects.toMatchObject({
      status: 403,
      code,
      message: `GET /api/x failed: 403 ${text}`,
    });
  }
});

test('a service principal that is not known is told as such', async () => {
  const { client } = await workspace([{ status: 200 }]);
  await expect(client('wrong').json('GET', '/api/x')).rejects.toMatchObject({ status: 401, code: 'invalid_client' });
});
