/** Calls an endpoint of protocol/ over HTTP. */
import type { z } from 'zod';
import { fillPath, type Endpoint } from '../protocol/endpoint.ts';
import { AppError, fromWire, WireError } from '../protocol/errors.ts';
import type { Headers } from './headers.ts';

export type Call = <Input extends z.ZodType, Output extends z.ZodType>(
  endpoint: Endpoint<Input, Output>,
  input: z.input<Input>,
  /** Gives up when it aborts, with `connection.offline`. */
  signal?: AbortSignal,
) => Promise<z.output<Output>>;

/**
 * @param base the origin, or an origin and a shard's path
 * @param strippedPrefix what `base` stands for of the endpoint's path (`/api` for a shard)
 * @returns a function that throws AppError: the server's own, `connection.offline` when nobody answered, `internal` for an
 *   answer that is not of our protocol
 */
export function createCall(base: string, headers: () => Promise<Headers>, strippedPrefix = ''): Call {
  return async (endpoint, input, signal) => {
    const filled = fillPath(endpoint.path, input as Record<string, unknown>);
    const path = filled.path.slice(strippedPrefix.length);
    const { rest } = filled;
    const isGet = endpoint.method === 'GET';
    const query = isGet ? new URLSearchParams(rest as Record<string, string>).toString() : '';
    const hasBody = !isGet && Object.keys(rest).length > 0;
    const response = await send(`${base}${path}${query && `?${query}`}`, {
      method: endpoint.method,
      headers: {
        ...(await headers()),
        Accept: 'application/json',
        ...(hasBody ? { 'Content-Type': 'application/json' } : {}),
      },
      redirect: 'manual', // a proxy's login page is no answer of ours
      ...(hasBody ? { body: JSON.stringify(rest) } : {}),
      ...(signal ? { signal } : {}),
    });
    if (!response.ok) throw await errorIn(response);
    const parsed = endpoint.output.safeParse(await bodyOf(response));
    if (!parsed.success)
      throw new AppError('internal', 'the server answered in a way this version does not understand');
    return parsed.data;
  };
}

/**
 * The body of an answer as it comes; it ends with an error when it breaks off.
 * @throws AppError as `createCall` does
 */
export async function download(
  url: string,
  headers: Headers,
  signal?: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  const response = await send(url, { headers, redirect: 'manual', ...(signal ? { signal } : {}) });
  if (!response.ok || !response.body) throw errorOf(await bodyOf(response), response.status);
  return response.body;
}

/** @throws AppError `connection.offline` */
export async function send(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    throw new AppError('connection.offline', 'the server cannot be reached', { cause: error });
  }
}

/** What an answer that is no success says. */
export async function errorIn(response: Response): Promise<AppError> {
  return errorOf(await bodyOf(response), response.status);
}

async function bodyOf(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return undefined;
  }
}

function errorOf(body: unknown, status: number): AppError {
  const wire = WireError.safeParse((body as { error?: unknown } | undefined)?.error);
  if (wire.success) return fromWire(wire.data);
  // 0 is a redirect that was not followed: a login page stands before us.
  if (status === 401 || status === 0) return new AppError('AUTH_MISSING', 'sign in first');
  return new AppError(status >= 500 ? 'connection.offline' : 'internal', `the server answered with status ${status}`);
}
