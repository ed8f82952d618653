/**
 * Carries requests and upgrades from this origin to the shards, with our signed word on who is asking. What was refused on the
 * way was not carried out, and may be sent once more; nothing else is ever repeated.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Request } from 'express';
import { AppError, fromWire, toWire, type WireError } from '../../protocol/errors.ts';
import type { Log } from '../base/log.ts';
import { ASSERTION_HEADER, type Caller } from '../http/caller.ts';
import { ASSERTION_PARAMETER, withoutParameter, withParameter } from '../http/carriers.ts';
import type { SignAssertion } from '../identity/assertion.ts';
import { exchange, relay } from './gatewayHttp.ts';
import { askUpgrade, joinSockets } from './gatewayUpgrade.ts';
import { judge, troubleOf, unreachable, type Hop, type Judged, type Sending } from './hop.ts';
import type { Verdict } from './hopAnswer.ts';
import type { Carrier, HopCarriers } from './hopCarriers.ts';
import { hasBody, requestHeaders, upgradeHeaders } from './hopHeaders.ts';

/** Of whom it is, and where it goes. */
export interface Errand {
  caller: Caller;
  shardId: string;
  /** On the shard, with the query. */
  path: string;
}

interface Dressed extends Sending {
  carrier: Carrier;
}

export class Gateway {
  constructor(
    private readonly hop: Hop,
    private readonly carriers: HopCarriers,
    private readonly sign: SignAssertion,
    private readonly log: Log,
  ) {}

  /** @throws AppError `shard.not_found`, `input.invalid` */
  async http(request: IncomingMessage, response: ServerResponse, errand: Errand): Promise<void> {
    this.hop.target(errand.shardId);
    try {
      await this.#http(request, response, errand);
    } catch (error) {
      this.log.debug({ shard: errand.shardId, err: error }, 'a request did not reach the shard');
      if (error instanceof AppError && error.code !== 'shard.unreachable') throw error;
      refuse(response, error instanceof AppError ? error : unreachable(errand.shardId, error), idOf(request));
    }
  }

  /** @throws AppError, until the websocket is given */
  async upgrade(request: IncomingMessage, socket: Socket, head: Buffer, errand: Errand): Promise<void> {
    this.hop.target(errand.shardId);
    try {
      await this.#upgrade(request, socket, head, errand);
    } catch (error) {
      this.log.debug({ shard: errand.shardId, err: error }, 'an upgrade did not reach the shard');
      throw error instanceof AppError ? error : unreachable(errand.shardId, error);
    }
  }

  async #http(request: IncomingMessage, response: ServerResponse, errand: Errand): Promise<void> {
    const method = request.method ?? 'GET';
    const hasNoBody = !hasBody(request.headers);
    for (let isFirst = true; ; isFirst = false) {
      const sent = await this.#dress(errand, method, requestHeaders(request.headers), idOf(request));
      const answer = await exchange(this.hop.dial(errand.shardId, sent), request, response);
      const { verdict, body } = await judge(answer, method);
      if (verdict.is === 'answer') return relay(answer, body, response);
      answer.destroy();
      const mayRepeat = (await this.#mended(errand.shardId, verdict, sent)) && isFirst;
      // A body is on its way already and cannot be sent again; the next request has what was mended.
      if (!mayRepeat || !hasNoBody) throw refusalOf(errand.shardId, verdict);
    }
  }

  async #upgrade(request: IncomingMessage, socket: Socket, head: Buffer, errand: Errand): Promise<void> {
    for (let isFirst = true; ; isFirst = false) {
      const sent = await this.#dress(errand, 'GET', upgradeHeaders(request.headers), randomUUID());
      const outcome = await askUpgrade(this.hop.dial(errand.shardId, sent), socket);
      if (outcome.is === 'given') return joinSockets(socket, head, outcome);
      const judged = await judge(outcome.answer, 'GET');
      outcome.answer.destroy();
      if (judged.verdict.is === 'answer') throw errorIn(errand.shardId, judged);
      const mayRepeat = (await this.#mended(errand.shardId, judged.verdict, sent)) && isFirst;
      if (!mayRepeat) throw refusalOf(errand.shardId, judged.verdict);
    }
  }

  /** Puts our word on it, and what the way asks for; what spoke for the browser is off already. A new word each time. */
  async #dress(
    { caller, shardId, path }: Errand,
    method: string,
    headers: OutgoingHttpHeaders,
    requestId: string,
  ): Promise<Dressed> {
    const [token, carrier, assertion] = await Promise.all([
      this.hop.token(shardId),
      this.carriers.of(shardId),
      this.sign(caller, shardId),
    ]);
    const clean = withoutParameter(path, ASSERTION_PARAMETER).url;
    // One request has one id in the logs of both.
    const ours = { ...headers, 'x-request-id': requestId };
    return carrier === 'header'
      ? { method, path: clean, headers: { ...ours, [ASSERTION_HEADER]: assertion }, token, carrier }
      : { method, path: withParameter(clean, ASSERTION_PARAMETER, assertion), headers: ours, token, carrier };
  }

  /** After a refusal: whether there is now something else to try. */
  async #mended(shardId: string, verdict: Verdict, sent: Dressed): Promise<boolean> {
    if (verdict.is !== 'unreachable' && verdict.is !== 'malformed') this.hop.tell(shardId, troubleOf(verdict));
    if (verdict.is === 'token_refused') return this.hop.replaced(shardId, sent.token);
    if (verdict.is !== 'assertion_refused' || verdict.code !== 'AUTH_MISSING') return false;
    await this.carriers.learn(shardId);
    return (await this.carriers.of(shardId)) !== sent.carrier;
  }
}

function refusalOf(shardId: string, verdict: Verdict): AppError {
  if (verdict.is === 'malformed') return new AppError('input.invalid', 'the shard could not read this request');
  return unreachable(shardId, new Error(troubleOf(verdict)));
}

/** An upgrade that the shard itself refused. */
function errorIn(shardId: string, { body }: Judged): AppError {
  if (body === undefined) return unreachable(shardId); // it said yes, and gave no websocket
  return fromWire((JSON.parse(body) as { error: WireError }).error);
}

function refuse(response: ServerResponse, error: AppError, correlationId: string): void {
  if (response.headersSent || response.destroyed) return void response.destroy();
  response.writeHead(error.status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify({ error: toWire(error, correlationId) }));
}

function idOf(request: IncomingMessage): string {
  return (request as Partial<Request>).correlationId ?? '';
}
