/** The last station of every failed request: one shape of body, one log line, nothing of our inside. */
import { randomUUID } from 'node:crypto';
import type { ErrorRequestHandler, RequestHandler } from 'express';
import { AppError, toWire } from '../../protocol/errors.ts';
import type { Log } from '../base/log.ts';

/** What database stores throw when the database is away is translated by this, which compose hands in. */
export type Translate = (error: unknown) => unknown;

const ACCEPTABLE_ID = /^[A-Za-z0-9._-]{8,64}$/;

/** Takes the id that a proxy before us gave, so that one request has one id in all logs. */
export const correlate: RequestHandler = (request, response, next) => {
  const given = request.get('x-request-id');
  request.correlationId = given && ACCEPTABLE_ID.test(given) ? given : randomUUID();
  response.setHeader('X-Request-Id', request.correlationId);
  next();
};

export const notFound: RequestHandler = (request) => {
  throw new AppError('route.not_found', `there is nothing at ${request.method} ${request.path}`);
};

export function errorHandler(log: Log, translate: Translate = (error) => error): ErrorRequestHandler {
  return (thrown: unknown, request, response, next) => {
    if (response.headersSent) return next(thrown);
    const error = translate(fromMiddleware(thrown));
    const wire = toWire(error, request.correlationId);
    const status = error instanceof AppError ? error.status : 500;
    const line = { correlationId: request.correlationId, code: wire.code, user: request.caller?.email };
    if (status >= 500) log.error({ ...line, err: thrown }, 'request failed');
    else log.info(line, 'request refused');
    response.status(status).json({ error: wire });
  };
}

/** express.json and express.static throw errors of http-errors, with a `status` and some with a `type` (see body-parser's README). */
function fromMiddleware(error: unknown): unknown {
  const { type, status } = (error ?? {}) as { type?: unknown; status?: unknown };
  if (error instanceof AppError || typeof status !== 'number' || status < 400 || status >= 500) return error;
  if (type === 'entity.too.large') return new AppError('input.too_large', 'the body is above the limit');
  if (type === 'entity.parse.failed') return new AppError('input.invalid', 'the body is not JSON');
  if (typeof type === 'string') return new AppError('input.invalid', 'the body could not be read');
  if (status === 404) return new AppError('route.not_found', 'there is no such file');
  return new AppError('input.invalid', 'the path is not valid');
}
