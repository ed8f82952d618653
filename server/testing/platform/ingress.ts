/**
 * What stands before every app: it signs people in, lets nobody pass who may not, says who asks, and is no faithful pipe.
 * Each app has a port of its own; all of them are taken at the start, since an app's address is fixed when it is made.
 */
import { createServer, STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { IngressAuth, type HeaderSwitches, type Verdict } from './ingressAuth.ts';
import { plain, proxyRequest, type RequestLimits, type Target } from './ingressRequest.ts';
import { IngressSocket, type Recycling } from './ingressSocket.ts';
import { mayManage } from './permissions.ts';
import type { AppRecord, Principal } from './state.ts';
import type { PlatformStore } from './store.ts';

export interface IngressSwitches extends HeaderSwitches, RequestLimits {
  /** A socket on which neither side sends anything for so long is cut. */
  socketIdleMs: number;
}

export interface RequestFault {
  path: string;
  status: number;
  count: number;
}

export const PLATFORM_SWITCHES: IngressSwitches = {
  passCallerForwardedEmail: false,
  dropCustomHeaders: false,
  hasUserAuthorization: false,
  requestTimeoutMs: 120_000,
  streamLimitMs: 301_500,
  isBuffering: false,
  socketIdleMs: 60_000,
};

export class Ingress {
  #servers: Server[] = [];
  #sockets = new Set<IngressSocket>();
  /** Everything that holds a descriptor. */
  #open = new Set<Socket>();
  #switches = PLATFORM_SWITCHES;
  #refusals = new Map<string, number>();
  #faults = new Map<string, RequestFault>();
  readonly auth: IngressAuth;

  /** @param targetOf where the app's process listens; null while it does not */
  private constructor(
    private readonly store: PlatformStore,
    private readonly targetOf: (app: string) => Target | null,
  ) {
    this.auth = new IngressAuth(store);
  }

  static async start(store: PlatformStore, ports: number, targetOf: (app: string) => Target | null): Promise<Ingress> {
    const ingress = new Ingress(store, targetOf);
    for (let count = 0; count < ports; count++) await ingress.#listen();
    const taken = ingress.#servers.map((server) => (server.address() as AddressInfo).port);
    store.update(({ settings }) => Object.assign(settings, { ingressPorts: taken, urlForm: 'loopback' }));
    return ingress;
  }

  /** Changes what is named, for what begins from now on. */
  set(switches: Partial<IngressSwitches>): void {
    this.#switches = { ...this.#switches, ...switches };
  }

  /** Ends the sockets of an app, or of all. @returns how many */
  recycle(how: Recycling, app?: string): number {
    const sockets = [...this.#sockets].filter((socket) => app === undefined || socket.app === app);
    for (const socket of sockets) socket.recycle(how);
    return sockets.length;
  }

  socketCount(app?: string): number {
    return [...this.#sockets].filter((socket) => app === undefined || socket.app === app).length;
  }

  /** The next upgrades to an app are answered 502. */
  refuseUpgrades(app: string, count = 1): void {
    this.#refusals.set(app, count);
  }

  /** The next requests to an app whose path begins so are answered by the ingress itself. */
  failRequests(app: string, fault: RequestFault): void {
    this.#faults.set(app, fault);
  }

  async close(): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    await Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }

  async #listen(): Promise<void> {
    const server = createServer({ requestTimeout: 0, headersTimeout: 0 }, (request, response) =>
      this.#onRequest(request, response),
    );
    server.on('upgrade', (request, socket: Socket, head) => this.#onUpgrade(request, socket, head));
    server.on('connection', (socket) => {
      this.#open.add(socket);
      socket.on('close', () => this.#open.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.#servers.push(server);
  }

  #app(socket: Socket): AppRecord | undefined {
    const { apps } = this.store.peek();
    return Object.values(apps).find(({ app }) => app.url === `http://127.0.0.1:${socket.localPort}`);
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    const record = this.#app(request.socket);
    response.on('finish', () => this.#journal(record, request, response.statusCode));
    if (!record) return plain(response, 404, 'Not Found');
    const url = new URL(request.url!, 'http://app');
    if (/^\/(\.auth|oidc)(\/|$)/.test(url.pathname)) return this.#ownPath(record, url, response);
    const verdict = this.auth.judge(record, request.headers, request.url!);
    if (!('principal' in verdict)) return refuse(response, verdict);
    if (url.pathname === '/logz') return this.#logs(record, verdict.principal, response);
    const fault = this.#faults.get(record.app.name);
    if (fault && fault.count > 0 && url.pathname.startsWith(fault.path)) {
      fault.count -= 1;
      return plain(response, fault.status, STATUS_CODES[fault.status]!);
    }
    const target = this.targetOf(record.app.name);
    if (!target) return plain(response, 502, 'Bad Gateway');
    const headers = this.auth.forwarded(request.headers, record.app.name, verdict.principal, this.#switches);
    proxyRequest(request, response, target, headers, this.#switches);
  }

  /** `/.auth/callback` gives the cookie to whom the login page named; nothing below `/.auth` and `/oidc` reaches an app. */
  #ownPath({ app }: AppRecord, url: URL, response: ServerResponse): void {
    const person = url.searchParams.get('code') ?? url.searchParams.get('user');
    if (url.pathname !== '/.auth/callback' || !person) return plain(response, 404, 'Not Found');
    let cookie;
    try {
      cookie = this.auth.signIn(app.name, person);
    } catch {
      return plain(response, 403, 'Forbidden');
    }
    const location = url.searchParams.get('state') ?? '/';
    response.writeHead(302, { location, 'set-cookie': `${cookie}; Path=/; HttpOnly; SameSite=Lax` });
    response.end();
  }

  #logs(record: AppRecord, principal: Principal, response: ServerResponse): void {
    if (!mayManage(record, principal)) return plain(response, 403, 'Forbidden');
    plain(response, 200, this.store.log(record.app.name));
  }

  #onUpgrade(request: IncomingMessage, client: Socket, head: Buffer): void {
    client.on('error', () => undefined);
    const record = this.#app(client);
    const say = (status: number, location?: string) => {
      this.#journal(record, request, status);
      const extra = location === undefined ? '' : `Location: ${location}\r\n`;
      client.end(
        `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${extra}Content-Length: 0\r\nConnection: close\r\n\r\n`,
      );
    };
    if (!record || /^\/(\.auth|oidc|logz)(\/|$)/.test(request.url!)) return say(404);
    const verdict = this.auth.judge(record, request.headers, request.url!);
    if (!('principal' in verdict)) return say(verdict.status, 'location' in verdict ? verdict.location : undefined);
    const { name } = record.app;
    const refusals = this.#refusals.get(name) ?? 0;
    const target = this.targetOf(name);
    if (refusals > 0 || !target) {
      this.#refusals.set(name, Math.max(0, refusals - 1));
      return say(502);
    }
    const headers = this.auth.forwarded(request.headers, name, verdict.principal, this.#switches);
    const server = connect(target);
    const onRefused = () => say(502);
    server.once('error', onRefused);
    server.once('connect', () => {
      server.off('error', onRefused);
      this.#journal(record, request, 101);
      server.write(upgradeHead(request, headers));
      if (head.length > 0) server.write(head);
      const socket = new IngressSocket(name, client, server, this.#switches.socketIdleMs, () =>
        this.#sockets.delete(socket),
      );
      this.#sockets.add(socket);
      this.#open.add(server);
      server.on('close', () => this.#open.delete(server));
    });
  }

  #journal(record: AppRecord | undefined, request: IncomingMessage, status: number): void {
    this.store.journal({ by: 'ingress', what: `${record?.app.name} ${request.method} ${request.url}`, status });
  }
}

function refuse(response: ServerResponse, verdict: Exclude<Verdict, { principal: Principal }>): void {
  if (verdict.status === 302) response.writeHead(302, { location: verdict.location }).end();
  else if (verdict.status === 401) plain(response, 401, 'Unauthorized');
  else plain(response, 403, 'Forbidden');
}

function upgradeHead(request: IncomingMessage, headers: Record<string, string | string[] | undefined>): string {
  const lines = Object.entries({ ...headers, connection: 'Upgrade', upgrade: 'websocket' }).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).flatMap((one) => (one === undefined ? [] : [`${name}: ${one}`])),
  );
  return `${request.method} ${request.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
}
