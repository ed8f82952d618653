/**
 * Who answered on the hop. A shard never redirects and never sends a page, and its errors have our shape; whatever else comes
 * back was said by an ingress between us, and nothing of it may reach a browser.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { isErrorCode, WireError } from '../../protocol/errors.ts';

/** An answer of an error, or a page, is read this far to see who it is from. */
export const MAX_READ_BYTES = 256 * 1024;

const MALFORMED = new Set([400, 413, 414, 431]);

export type Verdict =
  /** Goes on to the browser. */
  | { is: 'answer' }
  /** The shard did not take our own word; the person has nothing to do with it. It was not carried out. */
  | { is: 'assertion_refused'; code: string }
  /** The ingress did not take our token. It was not carried out. */
  | { is: 'token_refused' }
  /** The ingress knows us, and we may not use that app. It was not carried out. */
  | { is: 'no_permission' }
  /** Refused for its form, by a part of the shard that does not know our errors: HTTP itself, or engine.io. */
  | { is: 'malformed' }
  /** Nobody can say whether it was carried out. */
  | { is: 'unreachable' };

export interface Head {
  /** Of the request. */
  method: string;
  status: number;
  headers: IncomingHttpHeaders;
}

/** Whether the head alone does not tell, so that the body has to be read. */
export function mustRead({ status, headers }: Head): boolean {
  return status >= 400 || isPage(headers);
}

/** @param body what was read of it, where it had to be; undefined when it was longer than we send any */
export function verdict(head: Head, body: string | undefined): Verdict {
  const { status, headers } = head;
  if (status >= 300 && status < 400 && status !== 304) return { is: 'token_refused' };
  if (!mustRead(head)) return { is: 'answer' };
  // engine.io says "ok" as text/html, for the sake of old browsers.
  const isMarkup = isPage(headers) && (body === undefined || body.trimStart().startsWith('<'));
  if (status < 400) return { is: isMarkup ? 'token_refused' : 'answer' };
  const code = body === undefined ? undefined : codeIn(body);
  if (code !== undefined) return code.startsWith('AUTH_') ? { is: 'assertion_refused', code } : { is: 'answer' };
  // The answer to HEAD has no body to show its shape; the type of ours is always the same.
  if (head.method === 'HEAD' && isJson(headers)) return { is: 'answer' };
  if (status === 401) return { is: 'token_refused' };
  if (status === 403) return { is: 'no_permission' };
  return { is: MALFORMED.has(status) ? 'malformed' : 'unreachable' };
}

function isPage(headers: IncomingHttpHeaders): boolean {
  return /^\s*(text\/html|application\/xhtml)/i.test(headers['content-type'] ?? '');
}

function isJson(headers: IncomingHttpHeaders): boolean {
  return /^\s*application\/json/i.test(headers['content-type'] ?? '');
}

/** The code of an error of our shape. A platform's own errors have codes too, but not ours. */
function codeIn(body: string): string | undefined {
  try {
    const { error } = JSON.parse(body) as { error?: unknown };
    const wire = WireError.safeParse(error);
    return wire.success && (isErrorCode(wire.data.code) || /^[a-z]+\.[a-z_]+$/.test(wire.data.code))
      ? wire.data.code
      : undefined;
  } catch {
    return undefined;
  }
}
