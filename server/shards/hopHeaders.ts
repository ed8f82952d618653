/** Which headers go over the hop to a shard, and which come back; everything that speaks for somebody is taken off. */
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';

/** Of one connection, not of the message (RFC 9110 §7.6.1), and what the sender here has already answered. */
const HOP_BY_HOP = new Set([
  'connection',
  'expect',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
/** They speak for the browser here, or in our own name. */
const FOREIGN = /^(cookie|authorization|host|forwarded|x-forwarded-.*|x-holdfast-.*|x-real-ip.*)$/;
/** Errors of the hop must be readable here; between two of our programs nothing is compressed. */
const ENCODING = 'accept-encoding';

const UPGRADE_HEADERS = /^sec-websocket-/;

/** What the browser may learn of an answer. An ingress adds its own (cookies, ways to its login page), and none of it is ours. */
const ANSWER = new Set([
  'accept-ranges',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-length',
  'content-range',
  'content-type',
  'etag',
  'last-modified',
  'retry-after',
  'vary',
  'x-accel-buffering',
]);

/** For the hop: without the names of `connection`, the host and anybody's word. */
export function requestHeaders(given: IncomingHttpHeaders): OutgoingHttpHeaders {
  const named = namesIn(given.connection);
  const kept: OutgoingHttpHeaders = {};
  for (const [name, value] of Object.entries(given)) {
    if (HOP_BY_HOP.has(name) || named.has(name) || FOREIGN.test(name) || name === ENCODING) continue;
    kept[name] = value;
  }
  // Without it a body of unknown length would be written without a frame around it, and read as the next request.
  if (given['transfer-encoding'] !== undefined) {
    kept['transfer-encoding'] = 'chunked';
    delete kept['content-length'];
  }
  return kept;
}

/** The same for an upgrade to a websocket, which is of one connection and still goes on to the next. */
export function upgradeHeaders(given: IncomingHttpHeaders): OutgoingHttpHeaders {
  return { ...requestHeaders({ ...given, connection: '' }), connection: 'Upgrade', upgrade: 'websocket' };
}

/** @param given of a shard's answer */
export function answerHeaders(given: IncomingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(given).filter(([name]) => ANSWER.has(name)));
}

/** The head that tells the browser that it has its websocket. */
export function upgradeHead(given: IncomingHttpHeaders): string {
  const lines = Object.entries(given).flatMap(([name, value]) =>
    UPGRADE_HEADERS.test(name) ? [`${name}: ${String(value)}`] : [],
  );
  return ['HTTP/1.1 101 Switching Protocols', 'upgrade: websocket', 'connection: Upgrade', ...lines, '', ''].join(
    '\r\n',
  );
}

export function hasBody({ 'transfer-encoding': encoding, 'content-length': length }: IncomingHttpHeaders): boolean {
  return encoding !== undefined || Number(length ?? 0) > 0;
}

function namesIn(connection: string | undefined): Set<string> {
  return new Set((connection ?? '').split(',').map((name) => name.trim().toLowerCase()));
}
