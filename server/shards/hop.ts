/**
 * The way from the frontend to the shards, through what may stand between: each request carries our token where an ingress
 * asks for one, and what the ingress says is told apart from what a shard says.
 */
import {
  Agent,
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
} from 'node:http';
import { Agent as TlsAgent, request as httpsRequest } from 'node:https';
import { AppError } from '../../protocol/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { MAX_READ_BYTES, mustRead, verdict, type Verdict } from './hopAnswer.ts';

/** Our principal's tokens, where an ingress asks for one. */
export interface HopTokens {
  get(): Promise<string>;
  /** The ingress refused this one. */
  reject(token: string): void;
}

export interface ShardTarget {
  id: string;
  /** Where the frontend reaches it, e.g. `http://127.0.0.1:8001`. */
  url: string;
}

export interface Sending {
  method: string;
  /** With the query. */
  path: string;
  headers: OutgoingHttpHeaders;
  /** From `token()`. */
  token: string | undefined;
}

/** An idle connection is given up before the shard gives it up (node does after 5 s): what is sent into that moment is lost. */
const IDLE_MS = 4_000;
/** A token that is refused again and again is replaced at most this often: every request would ask the workspace for another. */
const REJECT_PAUSE_MS = 2_000;
/** The same trouble of a shard is told this often. */
const TELL_PERIOD_MS = 60_000;

export interface HopWorld {
  /** undefined where nothing asks for a token */
  tokens: HopTokens | undefined;
  clock: Clock;
  log: Log;
}

export class Hop {
  #agents = {
    'http:': new Agent({ keepAlive: true, maxSockets: 256, timeout: IDLE_MS }),
    'https:': new TlsAgent({ keepAlive: true, maxSockets: 256, timeout: IDLE_MS }),
  };
  #rejectedAt = -Infinity;
  #told = new Map<string, { trouble: string; at: number }>();

  constructor(
    readonly targets: readonly ShardTarget[],
    private readonly world: HopWorld,
  ) {}

  close(): void {
    for (const agent of Object.values(this.#agents)) agent.destroy();
  }

  /** @throws AppError `shard.not_found` */
  target(shardId: string): ShardTarget {
    const target = this.targets.find(({ id }) => id === shardId);
    if (!target) throw new AppError('shard.not_found', 'there is no such shard');
    return target;
  }

  /** What to show the ingress. @throws AppError `shard.unreachable` when there is no token to be had */
  async token(shardId: string): Promise<string | undefined> {
    try {
      return await this.world.tokens?.get();
    } catch (error) {
      this.tell(shardId, 'our principal gets no token', error);
      throw unreachable(shardId, error);
    }
  }

  /** Begins a request; the caller ends it. An upgrade gets a connection of its own. */
  dial(shardId: string, { method, path, headers, token }: Sending): ClientRequest {
    const url = new URL(this.target(shardId).url);
    const isTls = url.protocol === 'https:';
    const isUpgrade = headers['upgrade'] !== undefined;
    return (isTls ? httpsRequest : httpRequest)({
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port || (isTls ? 443 : 80),
      method,
      path: `${url.pathname.replace(/\/$/, '')}${path}`,
      headers: { ...headers, host: url.host, ...(token ? { authorization: `Bearer ${token}` } : {}) },
      agent: isUpgrade ? false : this.#agents[isTls ? 'https:' : 'http:'],
    });
  }

  /** Whether a new token is there after this one was refused. */
  async replaced(shardId: string, token: string | undefined): Promise<boolean> {
    const { tokens, clock } = this.world;
    if (!tokens || token === undefined) return false;
    if (clock.now() - this.#rejectedAt >= REJECT_PAUSE_MS) {
      this.#rejectedAt = clock.now();
      tokens.reject(token);
    }
    return (await this.token(shardId)) !== token;
  }

  /** Into the log, once for as long as it lasts. */
  tell(shardId: string, trouble: string, error?: unknown): void {
    const now = this.world.clock.now();
    const last = this.#told.get(shardId);
    if (last?.trouble === trouble && now - last.at < TELL_PERIOD_MS) return;
    this.#told.set(shardId, { trouble, at: now });
    this.world.log.warn(
      { shard: shardId, ...(error === undefined ? {} : { err: error }) },
      `on the way to a shard: ${trouble}`,
    );
  }
}

export interface Judged {
  verdict: Verdict;
  /** What was read already, where it had to be. */
  body: string | undefined;
}

/** Reads as much of the answer as it takes to know who it is from. */
export async function judge(answer: IncomingMessage, method: string): Promise<Judged> {
  const head = { method, status: answer.statusCode!, headers: answer.headers };
  if (!mustRead(head)) return { verdict: verdict(head, undefined), body: undefined };
  const body = await readBounded(answer);
  return { verdict: verdict(head, body), body };
}

/** undefined when it is longer; then the rest is not read. Rejects when it breaks off. */
export async function readBounded(answer: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_READ_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** What is said to a browser, whatever the hop said to us. */
export function unreachable(shardId: string, cause?: unknown): AppError {
  return new AppError('shard.unreachable', `${shardId} does not answer`, { cause });
}

/** For the log of an admin. */
export function troubleOf(found: Verdict): string {
  if (found.is === 'token_refused') return 'the ingress did not take our token';
  if (found.is === 'no_permission') return 'our principal may not use that app (it needs CAN_USE)';
  if (found.is === 'assertion_refused') return `the shard did not take our assertion (${found.code})`;
  return 'it was not the shard that answered';
}
