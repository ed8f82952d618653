/**
 * How the frontend's signed word travels to a shard: in a header of ours, or, where what stands between the two drops such
 * headers, in a query parameter. Taken out of the address before anything routes on it or logs it.
 */
import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';
import { ASSERTION_HEADER } from './caller.ts';

export const ASSERTION_PARAMETER = 'hfa';

/** Which of our carriers a request had, and what a platform's proxy said beside them. Never their values. */
export interface Arrivals {
  header: boolean;
  query: boolean;
  forwardedEmail: boolean;
  forwardedUser: boolean;
}

type Addressed = IncomingMessage & { originalUrl?: string; arrivals?: Arrivals };

/** From here on the assertion is in the header, wherever it was; the header wins. Call it once, before everything else. */
export function takeCarriers(request: Addressed): Arrivals {
  const { url, values } = withoutParameter(request.url ?? '/', ASSERTION_PARAMETER);
  request.url = url;
  if (request.originalUrl !== undefined) request.originalUrl = url;
  const { headers } = request;
  request.arrivals = {
    header: headers[ASSERTION_HEADER] !== undefined,
    query: values.length > 0,
    forwardedEmail: headers['x-forwarded-email'] !== undefined,
    forwardedUser: headers['x-forwarded-user'] !== undefined,
  };
  // Of two it is not known which one is meant; then there is none.
  if (!request.arrivals.header && values.length === 1) headers[ASSERTION_HEADER] = values[0];
  return request.arrivals;
}

/** The same as middleware. */
export const carriers: RequestHandler = (request, _response, next) => {
  takeCarriers(request);
  next();
};

export function arrivalsOf(request: IncomingMessage): Arrivals {
  return (
    (request as Addressed).arrivals ?? { header: false, query: false, forwardedEmail: false, forwardedUser: false }
  );
}

/** The address without every spelling of that parameter; the rest as it was, byte by byte. */
export function withoutParameter(url: string, name: string): { url: string; values: string[] } {
  const start = url.indexOf('?');
  if (start < 0) return { url, values: [] };
  const values: string[] = [];
  const kept = url
    .slice(start + 1)
    .split('&')
    .filter((part) => {
      const [key, value] = split(part);
      if (decoded(key) !== name) return true;
      values.push(decoded(value));
      return false;
    });
  if (values.length === 0) return { url, values };
  return { url: kept.length > 0 ? `${url.slice(0, start)}?${kept.join('&')}` : url.slice(0, start), values };
}

export function withParameter(url: string, name: string, value: string): string {
  return `${url}${url.includes('?') ? '&' : '?'}${name}=${encodeURIComponent(value)}`;
}

function split(part: string): [string, string] {
  const at = part.indexOf('=');
  return at < 0 ? [part, ''] : [part.slice(0, at), part.slice(at + 1)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
