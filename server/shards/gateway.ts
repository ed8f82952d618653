/** Carries HTTP and websockets from this origin to the shards. After an upgrade it is a pipe: nothing in it is parsed. */
import { randomUUID } from 'node:crypto';
import { ServerResponse, type ClientRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Request } from 'express';
import { createProxyServer, type ProxyServer } from 'httpxy';
import { AppError, toWire } from '../../protocol/errors.ts';
import type { Log } from '../base/log.ts';
import { ASSERTION_HEADER, type Caller } from '../http/caller.ts';
import { refuseUpgrade } from '../http/refuseUpgrade.ts';
import type { SignAssertion } from '../identity/assertion.ts';
import type { ShardDirectory } from './shardDirectory.ts';

/** An upgrade that the shard does not answer in this time has failed. */
const UPGRADE_TIMEOUT_MS = 10_000;
/** A request that the shard does not begin to answer in this time has failed. */
const REQUEST_TIMEOUT_MS = 60_000;

export class Gateway {
  #proxy: ProxyServer;
  /** Where each request under way was sent, for the sentence when it fails. */
  #shardOf = new WeakMap<IncomingMessage, string>();

  constructor(
    private readonly directory: ShardDirectory,
    private readonly sign: SignAssertion,
    private readonly log: Log,
  ) {
    this.#proxy = createProxyServer({
      changeOrigin: true,
      proxyTimeout: REQUEST_TIMEOUT_MS,
      upgradeTimeout: UPGRADE_TIMEOUT_MS,
    });
    this.#proxy.on('proxyReqWs', (outgoing, _incoming, client) => endTogether(outgoing, client));
    // Told at once, while the socket can still be written to; the promises of web() and ws() come too late for that.
    this.#proxy.on('error', (error, request, client) =>
      this.#onError(error, request as IncomingMessage, client as ServerResponse | Socket),
    );
  }

  /** Sends the request on as `path`. Never retried: the shard may have carried it out. */
  async http(
    request: IncomingMessage,
    response: ServerResponse,
    caller: Caller,
    shardId: string,
    path: string,
  ): Promise<void> {
    const { url } = this.directory.target(shardId);
    await this.#dress(request, caller, shardId, path);
    await this.#proxy.web(request, response, { target: url });
  }

  async upgrade(
    request: IncomingMessage,
    socket: Socket,
    head: Buffer,
    caller: Caller,
    shardId: string,
    path: string,
  ): Promise<void> {
    const { url } = this.directory.target(shardId);
    await this.#dress(request, caller, shardId, path);
    await this.#proxy.ws(request, socket, { target: url }, head);
  }

  /** Takes everything off that speaks for the browser here, and puts our signed word on it. */
  async #dress(request: IncomingMessage, caller: Caller, shardId: string, path: string): Promise<void> {
    this.#shardOf.set(request, shardId);
    request.url = path;
    for (const name of Object.keys(request.headers)) {
      const isForeign = name === 'cookie' || name === 'authorization' || /^x-(forwarded|holdfast|real-ip)/.test(name);
      if (isForeign) delete request.headers[name];
    }
    request.headers[ASSERTION_HEADER] = await this.sign(caller, shardId);
    // One request has one id in the logs of both; an upgrade has been given none.
    request.headers['x-request-id'] = (request as Partial<Request>).correlationId ?? randomUUID();
  }

  #onError(error: unknown, request: IncomingMessage, client: ServerResponse | Socket): void {
    const shardId = this.#shardOf.get(request) ?? 'the shard';
    const refusal = new AppError('shard.unreachable', `${shardId} does not answer`, { cause: error });
    this.log.debug({ shard: shardId, err: error }, 'a request did not reach the shard');
    if (!(client instanceof ServerResponse)) return refuseUpgrade(client, refusal);
    if (client.headersSent) return void client.destroy();
    client.writeHead(refusal.status, { 'Content-Type': 'application/json' });
    client.end(JSON.stringify({ error: toWire(refusal, String(request.headers['x-request-id'])) }));
  }
}

/** Either end that goes takes the other along, also when it goes without a word. */
function endTogether(outgoing: ClientRequest, client: Socket): void {
  client.once('close', () => outgoing.destroy());
  outgoing.once('upgrade', (_response, shard: Socket) => {
    client.once('close', () => shard.destroy());
    shard.once('close', () => client.destroy());
    if (client.destroyed) shard.destroy();
  });
}
