/**
 * Calls of a workspace's REST API, as a service principal. Errors come in three styles (JSON, plain text, HTML from the edge);
 * all become one error here, whose message never holds a token.
 */
import { AppError } from '../../protocol/errors.ts';
import type { Clock } from '../base/clock.ts';
import { TokenSource } from './tokenSource.ts';
import { workspaceOrigin } from './workspaceHost.ts';

const REQUEST_TIMEOUT_MS = 30_000;
/** These may pass by themselves; the SDKs of the platform repeat them too. */
const TRANSIENT = new Set([429, 503, 504]);
const ATTEMPTS = 4;
const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 10_000;

export interface ServicePrincipal {
  /** DATABRICKS_HOST, in any of its spellings. */
  host: string;
  clientId: string;
  clientSecret: string;
}

/** What the workspace said; `code` is its own (`PERMISSION_DENIED`, …) or empty. */
export class WorkspaceError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'WorkspaceError';
  }
}

export interface CallOptions {
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as it is. */
  bytes?: Uint8Array;
  headers?: Record<string, string>;
  /** Repeated on transient answers only where doing it twice is doing it once. */
  isIdempotent?: boolean;
}

/**
 * The OAuth token of a service principal: client credentials at `/oidc/v1/token`, scope `all-apis`, good for an hour
 * (Databricks documentation, "OAuth M2M").
 */
export function principalTokens(principal: ServicePrincipal, clock: Clock): TokenSource {
  const url = `${workspaceOrigin(principal.host)}/oidc/v1/token`;
  const basic = Buffer.from(`${principal.clientId}:${principal.clientSecret}`).toString('base64');
  return new TokenSource(async () => {
    const response = await send(url, {
      method: 'POST',
      headers: { Authorization: `Basic ${basic}`, 'Content-Type': 'application/x-www-form-urlencoded' },
      body: 'grant_type=client_credentials&scope=all-apis',
    });
    if (!response.ok) throw await errorOf(response, 'the workspace gives our service principal no token');
    const { access_token: value, expires_in: seconds } = (await response.json()) as {
      access_token: string;
      expires_in: number;
    };
    return { value, expiresAt: clock.now() + seconds * 1000 };
  }, clock);
}

export class WorkspaceClient {
  readonly origin: string;

  constructor(
    host: string,
    readonly tokens: TokenSource,
    private readonly clock: Clock,
  ) {
    this.origin = workspaceOrigin(host);
  }

  /** The JSON of the answer. @throws WorkspaceError, AppError `databricks.unreachable` */
  async json<Result>(method: string, path: string, options: CallOptions = {}): Promise<Result> {
    const response = await this.call(method, path, options);
    const text = await response.text();
    return (text === '' ? {} : JSON.parse(text)) as Result;
  }

  /** The answer, which was one of success. @throws WorkspaceError, AppError `databricks.unreachable` */
  async call(method: string, path: string, options: CallOptions = {}): Promise<Response> {
    const mayRepeat = options.isIdempotent ?? ['GET', 'HEAD', 'PUT', 'DELETE'].includes(method);
    for (let attempt = 1; ; attempt++) {
      const token = await this.tokens.get();
      const response = await send(`${this.origin}${path}`, {
        method,
        redirect: 'manual',
        headers: {
          ...(options.body === undefined ? {} : { 'Content-Type': 'application/json' }),
          ...options.headers,
          Authorization: `Bearer ${token}`,
        },
        body: options.bytes ? Buffer.from(options.bytes) : JSON.stringify(options.body),
      });
      if (response.ok) return response;
      // A token that was refused did nothing: with another one the call is made for the first time.
      const isRefused = response.status === 401 || (response.status >= 300 && response.status < 400);
      if (isRefused && attempt === 1) {
        this.tokens.reject(token);
      } else if (mayRepeat && TRANSIENT.has(response.status) && attempt < ATTEMPTS) {
        await this.#wait(attempt, response.headers.get('retry-after'));
      } else {
        throw await errorOf(response, `${method} ${path.split('?', 1)[0]} failed`);
      }
      await response.body?.cancel();
    }
  }

  #wait(attempt: number, retryAfter: string | null): Promise<void> {
    const askedMs = Number(retryAfter) * 1000;
    const delayMs = askedMs > 0 ? askedMs : FIRST_DELAY_MS * 2 ** (attempt - 1) * (0.5 + Math.random());
    return new Promise((resolve) => this.clock.after(Math.min(delayMs, MAX_DELAY_MS), resolve));
  }
}

async function send(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...init, signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
  } catch (error) {
    throw new AppError('databricks.unreachable', 'the Databricks workspace cannot be reached', { cause: error });
  }
}

async function errorOf(response: Response, what: string): Promise<WorkspaceError> {
  const text = await response.text().catch(() => '');
  const { code, message } = parseError(text);
  return new WorkspaceError(response.status, code, `${what}: ${response.status}${message ? ` ${message}` : ''}`);
}

function parseError(text: string): { code: string; message: string } {
  try {
    const body = JSON.parse(text) as Record<string, unknown>;
    const [code, message] = [body['error_code'] ?? body['error'], body['message'] ?? body['error_description']];
    return { code: typeof code === 'string' ? code : '', message: typeof message === 'string' ? message : '' };
  } catch {
    // The edge answers with a page; nobody wants it in a log.
    return { code: '', message: /<html|<!doctype/i.test(text) ? '(a web page)' : text.slice(0, 300) };
  }
}
