/** Turns an endpoint of protocol/ and a handler into an Express route: parse once, answer with the contract's shape. */
import type { Request, RequestHandler, Response, Router } from 'express';
import { type z } from 'zod';
import type { Endpoint } from '../../protocol/endpoint.ts';
import { AppError } from '../../protocol/errors.ts';
import { callerOf, type Caller } from './caller.ts';

/** @param gone aborts when whoever asked does not wait for the answer any more */
export type Handler<Input, Output> = (input: Input, caller: Caller, gone: AbortSignal) => Promise<Output>;

export function serve<Input extends z.ZodType, Output extends z.ZodType>(
  router: Router,
  endpoint: Endpoint<Input, Output>,
  handler: Handler<z.output<Input>, z.input<Output>>,
): void {
  const method = endpoint.method.toLowerCase() as 'get' | 'post' | 'put' | 'patch' | 'delete';
  const route: RequestHandler = async (request, response) => {
    const caller = callerOf(request);
    const input = parse(endpoint.input, inputOf(request));
    refuseUnstorable(input);
    response.json(endpoint.output.parse(await handler(input, caller, goneSignal(response))));
  };
  router[method](endpoint.path, route);
}

function goneSignal(response: Response): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  return gone.signal;
}

/** The value, typed; or `input.invalid` with a sentence that names the member and what is wrong with it. */
export function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const sentences = result.error.issues.map(({ path, message }) =>
    path.length ? `${path.join('.')}: ${message}` : message,
  );
  throw new AppError('input.invalid', sentences.join('; '));
}

/** PostgreSQL holds neither NUL nor half a surrogate pair. @param path names the member, for the sentence */
function refuseUnstorable(value: unknown, path: string[] = []): void {
  if (typeof value === 'string' && (value.includes('\0') || /\p{Cs}/u.test(value))) {
    throw new AppError('input.invalid', `${path.join('.')}: has characters that cannot be stored`);
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    refuseUnstorable(name, path);
    refuseUnstorable(member, [...path, name]);
  }
}

function inputOf(request: Request): Record<string, unknown> {
  const body: unknown = request.body;
  // What does not say that it is JSON was not read; as an empty body it would change nothing and be answered with success.
  if (body === undefined && hasBody(request)) {
    throw new AppError('input.invalid', 'the body must be JSON, and Content-Type say so');
  }
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
  if (body !== undefined && !isObject) throw new AppError('input.invalid', 'the body must be a JSON object');
  return { ...(request.method === 'GET' ? request.query : {}), ...body, ...request.params };
}

function hasBody({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
