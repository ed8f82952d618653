import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import { toWire, type AppError } from '../../protocol/errors.ts';
import { systemClock } from '../base/clock.ts';
import { deferred } from '../base/deferred.ts';
import { arrivalsOf, takeCarriers } from '../http/carriers.ts';
import { refuseUpgrade } from '../http/refuseUpgrade.ts';
import { TokenSource } from '../databricks/tokenSource.ts';
import { createSigner, createVerifier } from '../identity/assertion.ts';
import { requestVerifier } from '../identity/requestVerifier.ts';
import { newKey, publicPartOf } from '../base/newKey.ts';
import { ManualClock } from '../testing/manualClock.ts';
import { askUpgrade, refusalOf, send } from '../testing/rawHttp.ts';
import { until } from '../testing/until.ts';
import { Gateway } from './gateway.ts';
import { Hop } from './hop.ts';
import { askShard } from './hopCall.ts';
import { HopCarriers } from './hopCarriers.ts';
import { HopInspector } from './hopInspector.ts';

const ada = { email: 'ada@example.com', name: 'ada', roles: ['user' as const] };
const LOGIN = '<!doctype html><a href="https://backend-1.apps.example/oidc">Sign in</a>';
const HEALTH = {
  status: 'ok',
  app_instance: 'backend-1',
  active_pty_sessions: 0,
  version: '1',
  database: 'ok',
};
const SANDBOX = { used: 'none', possible: ['bubblewrap'] };
const closers: (() => void)[] = [];
afterEach(() => closers.splice(0).forEach((close) => close()));

type Refusal = (response: ServerResponse) => void;
const login: Refusal = (response) =>
  response
    .writeHead(302, { location: 'https://backend-1.apps.example/oidc/oauth2/v2.0/authorize', 'set-cookie': 'a=b' })
    .end();
const page: Refusal = (response) => response.writeHead(200, { 'content-type': 'text/html' }).end(LOGIN);
const unauthorized: Refusal = (response) => response.writeHead(401, { 'www-authenticate': 'Bearer' }).end('no');
const answers =
  (status: number): Refusal =>
  (response) =>
    response.writeHead(status, { 'content-type': 'text/html', 'set-cookie': 'a=b' }).end(LOGIN);

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

/** A shard behind an ingress that takes only the newest token, with a gateway before it. */
async function setUp({ mayDropHeaders = false }: { mayDropHeaders?: boolean } = {}) {
  const key = newKey('ed25519');
  const verify = requestVerifier(await createVerifier([publicPartOf(key)], 'backend-1', new ManualClock()), '77');
  const ingress = {
    dropsHeaders: mayDropHeaders,
    token: 'token-1',
    /** How it refuses a token. */
    refuse: login,
    /** What it says instead of the shard, to a request or an upgrade, while it is set. */
    says: undefined as Refusal | undefined,
    /** What came, and whether the shard carried it out. */
    asked: [] as string[],
    carriedOut: [] as string[],
    seen: [] as IncomingMessage[],
    sockets: new Set<Socket>(),
  };
  const lets = (request: IncomingMessage) => {
    ingress.seen.push(request);
    ingress.asked.push(`${request.method} ${request.url!.split('?', 1)[0]}`);
    const isKnown = request.headers.authorization === `Bearer ${ingress.token}`;
    delete request.headers.authorization;
    for (const name of Object.keys(request.headers))
      if (ingress.dropsHeaders && /^x-/.test(name)) delete request.headers[name];
    request.headers['x-forwarded-user'] = '77@1234';
    return isKnown;
  };
  const shard = createServer((request, response) => {
    if (!lets(request)) return ingress.refuse(response);
    if (ingress.says) return ingress.says(response);
    takeCarriers(request);
    if (request.url === '/api/hop')
      return response.end(JSON.stringify({ instance: 'backend-1', ...arrivalsOf(request) }));
    if (request.url === '/api/health') return response.end(JSON.stringify(HEALTH));
    verify(request).then(
      async (caller) => {
        const chunks: Buffer[] = [];
        for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
        ingress.carriedOut.push(`${request.method} ${request.url}`);
        response.setHeader('x-of-the-ingress', 'https://backend-1.apps.example');
        response.setHeader('content-type', 'application/json');
        const body = Buffer.concat(chunks).toString();
        response.end(JSON.stringify({ email: caller.email, sandbox: SANDBOX, url: request.url, body }));
      },
      (error: AppError) => {
        request.resume();
        response.writeHead(error.status, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ error: toWire(error) }));
      },
    );
  });
  shard.on('upgrade', (request, socket: Socket) => {
    socket.on('error', () => socket.destroy());
    ingress.sockets.add(socket);
    closers.push(() => socket.destroy());
    const isLet = lets(request);
    if (!isLet || ingress.says) {
      const response = new (class {
        head = '';
        writeHead(status: number, headers: Record<string, string>) {
          const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
          this.head = `HTTP/1.1 ${status} X\r\n${lines.join('')}connection: close\r\n\r\n`;
          return this;
        }
        end(body = '') {
          socket.end(this.head + body);
        }
      })() as unknown as ServerResponse;
      return (isLet ? ingress.says! : ingress.refuse)(response);
    }
    takeCarriers(request);
    verify(request).then(
      () => {
        socket.write(
          'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nset-cookie: a=b\r\n\r\nhi ',
        );
        socket.pipe(socket);
      },
      (error: unknown) => refuseUpgrade(socket, error),
    );
  });
  const shardPort = await listen(shard);

  let fetches = 0;
  const log: string[] = [];
  const tokens = new TokenSource(
    () => Promise.resolve({ value: `token-${++fetches}`, expiresAt: Date.now() + 3_600_000 }),
    systemClock,
  );
  const world = {
    tokens,
    clock: systemClock,
    log: pino({ level: 'trace' }, { write: (line: string) => void log.push(line) }),
  };
  const hop = new Hop([{ id: 'backend-1', url: `http://127.0.0.1:${shardPort}` }], world);
  closers.push(() => hop.close());
  const carriers = new HopCarriers((shardId, question) => askShard(hop, shardId, question), world.log);
  const sign = await createSigner(key);
  const gateway = new Gateway(hop, carriers, sign, world.log);
  const errand = (path: string) => ({ caller: ada, shardId: 'backend-1', path });
  const frontend = createServer((request, response) => {
    gateway.http(request, response, errand(request.url!)).catch((error: AppError) => {
      response.writeHead(error.status).end(JSON.stringify({ error: toWire(error) }));
    });
  });
  frontend.on('upgrade', (request, socket: Socket, head) => {
    socket.on('error', () => socket.destroy());
    closers.push(() => socket.destroy());
    gateway
      .upgrade(request, socket, head, errand(request.url!))
      .catch((error: unknown) => refuseUpgrade(socket, error));
  });
  const port = await listen(frontend);
  return {
    port,
    ingress,
    carriers,
    log,
    closeShard: () => (shard.close(), shard.closeAllConnections()),
    inspector: new HopInspector(hop, carriers, sign),
    fetches: () => fetches,
  };
}

/** Of an answer: nothing of an ingress may be in it. */
function foreignIn({ headers, text }: { headers: object; text: string }): string[] {
  return (JSON.stringify(headers) + text).match(/location|set-cookie|www-auth|<|oidc|apps\.example|token-\d/gi) ?? [];
}

test('each request and each upgrade carries our token, and nothing that spoke for the browser', async () => {
  const { port, ingress } = await setUp();
  const answer = await send(port, {
    path: '/api/x?a=1&hfa=stolen',
    headers: {
      Cookie: 'holdfast=1',
      Authorization: 'Bearer hf_x',
      'X-Forwarded-Email': 'eve@example.com',
      'X-Holdfast-Other': '1',
      'Accept-Encoding': 'gzip',
      TE: 'trailers',
      Connection: 'keep-alive, x-mine',
      'X-Mine': '1',
    },
  });
  expect(JSON.parse(answer.text)).toMatchObject({ email: ada.email, url: '/api/x?a=1', body: '' });
  const { cookie, te, ...headers } = ingress.seen[0]!.headers;
  expect([cookie, te, headers['x-forwarded-email'], headers['x-mine'], headers['accept-encoding']]).toEqual(
    Array.from({ length: 5 }, () => undefined),
  );
  expect(headers['x-holdfast-other']).toBeUndefined();
  expect(answer.headers['x-of-the-ingress']).toBeUndefined();
  expect((await askUpgrade(port, '/api/socket.io/')).status).toBe(101);
});

test('a body of unknown length stays one body, whatever the method', async () => {
  const { port, ingress } = await setUp();
  for (const method of ['POST', 'DELETE']) {
    const answer = await send(port, {
      method,
      path: '/api/x',
      headers: { 'Transfer-Encoding': 'chunked' },
      body: 'GET / HTTP/1.1\r\n\r\n',
    });
    expect(JSON.parse(answer.text)).toMatchObject({ body: 'GET / HTTP/1.1\r\n\r\n' });
  }
  expect(ingress.asked).toEqual(['POST /api/x', 'DELETE /api/x']);
});

test('a refused token is replaced once, and what was refused is sent again where that is sure to be the first time', async () => {
  for (const refuse of [login, page, unauthorized, answers(401)]) {
    const { port, ingress, fetches } = await setUp();
    await send(port, { path: '/api/x' });
    Object.assign(ingress, { token: 'token-2', refuse });
    const all = await Promise.all(Array.from({ length: 10 }, (_, i) => send(port, { path: `/api/${i}` })));
    expect([all.map(({ status }) => status), fetches()]).toEqual([Array.from({ length: 10 }, () => 200), 2]);
    expect(new Set(ingress.carriedOut).size).toBe(ingress.carriedOut.length);
  }
});

test('an upgrade is sent again with the new token', async () => {
  const { port, ingress } = await setUp();
  await send(port, { path: '/api/x' });
  for (const refuse of [login, unauthorized]) {
    Object.assign(ingress, { token: 'token-2', refuse });
    expect((await askUpgrade(port, '/api/socket.io/')).status).toBe(101);
  }
});

test('a request with a body is not sent again; it fails, and the next one has the new token', async () => {
  const { port, ingress } = await setUp();
  await send(port, { path: '/api/x' });
  ingress.token = 'token-2';
  const post = () => send(port, { method: 'POST', path: '/api/open', body: { cols: 80 } });
  const refused = await post();
  expect([refusalOf(refused), foreignIn(refused)]).toEqual(['503 shard.unreachable', []]);
  expect(JSON.parse((await post()).text)).toMatchObject({ body: '{"cols":80}' });
  expect(ingress.carriedOut).toEqual(['GET /api/x', 'POST /api/open']);
});

test('nothing that an ingress says reaches a browser, and what may have been carried out is not repeated', async () => {
  const { port, ingress } = await setUp();
  const kinds: Refusal[] = [...[403, 404, 500, 502, 503, 504].map(answers), login, page, unauthorized];
  for (const says of kinds) {
    ingress.says = says;
    for (const ask of [() => send(port, { path: '/api/x' }), () => askUpgrade(port, '/api/socket.io/')]) {
      const answer = await ask();
      expect([refusalOf(answer), foreignIn(answer)]).toEqual(['503 shard.unreachable', []]);
    }
  }
  ingress.says = answers(504);
  ingress.asked.length = 0;
  await send(port, { path: '/api/x' });
  await askUpgrade(port, '/api/socket.io/');
  expect(ingress.asked).toEqual(['GET /api/x', 'GET /api/socket.io/']);
});

test('an ingress that refuses every token does not make us ask the workspace again and again', async () => {
  const { port, ingress, fetches } = await setUp();
  ingress.token = 'none';
  for (let i = 0; i < 20; i++) expect((await send(port, { path: '/api/x' })).status).toBe(503);
  expect(fetches()).toBeLessThan(10);
});

test('where our header is dropped the assertion travels in the address, also when that begins or ends while running', async () => {
  const { port, ingress, carriers, log } = await setUp({ mayDropHeaders: true });
  const both = async () => [
    (await send(port, { path: '/api/x?y=1' })).status,
    (await askUpgrade(port, '/api/socket.io/?EIO=4')).status,
  ];
  expect([await both(), await carriers.of('backend-1')]).toEqual([[200, 101], 'query']);
  expect(ingress.carriedOut).toEqual(['GET /api/x?y=1']);
  ingress.dropsHeaders = false;
  expect(await both()).toEqual([200, 101]); // goes on arriving
  await carriers.learn('backend-1');
  expect([await both(), await carriers.of('backend-1')]).toEqual([[200, 101], 'header']);
  ingress.dropsHeaders = true;
  const post = await send(port, { method: 'POST', path: '/api/open', body: {} });
  expect(refusalOf(post)).toBe('503 shard.unreachable'); // never "you are signed out"
  expect([await both(), await carriers.of('backend-1')]).toEqual([[200, 101], 'query']);
  expect(log.filter((line) => /hfa=|eyJ/.test(line))).toEqual([]);
});

test('an assertion is another one each time, and the one in the address works once', async () => {
  const { port, ingress } = await setUp({ mayDropHeaders: true });
  ingress.seen.length = 0;
  await send(port, { path: '/api/a' });
  await send(port, { path: '/api/b' });
  const words = ingress.seen
    .map(({ headers }) => headers['x-holdfast-assertion'])
    .filter((word) => word !== 'probe' && word);
  expect(new Set(words).size).toBe(words.length);
  expect(words.length).toBeGreaterThanOrEqual(2);
});

/** A browser's end of an upgraded connection. @param early is sent right behind the request */
function openPipe(port: number, early = '') {
  const head = 'GET /api/socket.io/ HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
  const socket = connect(port, '127.0.0.1', () => socket.write(head + early));
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  socket.on('error', () => undefined); // `close` follows
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  return { socket, closed, text: () => text };
}

test('an upgraded connection is a pipe from the first byte to the last, and ends on both sides', async () => {
  const { port, ingress } = await setUp();
  const browser = openPipe(port, 'early');
  await until(() => browser.text().endsWith('hi early'));
  [...ingress.sockets][0]!.end('bye');
  await browser.closed;
  expect(browser.text()).toMatch(/^HTTP\/1\.1 101 /);
  expect([foreignIn({ headers: {}, text: browser.text() }), browser.text().split('\r\n\r\n')[1]]).toEqual([
    [],
    'hi earlybye',
  ]);
  await until(() => [...ingress.sockets].every((socket) => socket.destroyed));
});

test('a reset on either side ends the other at once', async () => {
  const { port, ingress } = await setUp();
  const first = openPipe(port);
  await until(() => first.text().endsWith('hi '));
  [...ingress.sockets][0]!.resetAndDestroy();
  await first.closed;
  const second = openPipe(port);
  await until(() => second.text().endsWith('hi '));
  second.socket.resetAndDestroy();
  await until(() => [...ingress.sockets].every((socket) => socket.destroyed));
});

test('a browser that goes takes its request along', async () => {
  const { port, ingress } = await setUp();
  const gone = deferred<void>();
  ingress.says = (response) => response.once('close', () => gone.resolve());
  const browser = connect(port, '127.0.0.1', () => browser.write('GET /api/x HTTP/1.1\r\nHost: x\r\n\r\n'));
  browser.on('error', () => undefined);
  await until(() => ingress.asked.length > 0);
  browser.resetAndDestroy();
  await gone.promise;
});

test('the way to a shard is reported as it is', async () => {
  const { ingress, inspector, closeShard } = await setUp();
  const [good] = await inspector.reports(ada);
  expect(good).toMatchObject({
    isUsable: true,
    health: { app_instance: 'backend-1' },
    sandbox: SANDBOX,
    carrier: 'header',
    arrivals: { header: true, query: true, forwardedUser: true, forwardedEmail: true },
    isSignedRequestTaken: true,
    isUpgradeTaken: true,
    troubles: [],
  });
  ingress.dropsHeaders = true;
  expect((await inspector.reports(ada))[0]).toMatchObject({
    carrier: 'query',
    arrivals: { header: false, query: true },
  });
  ingress.says = answers(403);
  const [bad] = await inspector.reports(ada);
  expect(bad).toMatchObject({ isUsable: false, health: null, arrivals: null, isUpgradeTaken: false });
  expect(foreignIn({ headers: {}, text: JSON.stringify(bad) })).toEqual([]);
  closeShard();
  const [gone] = await inspector.reports(ada);
  expect(gone).toMatchObject({ isUsable: false, health: null });
  expect(JSON.stringify(gone)).not.toMatch(/127\.0\.0\.1/);
});
