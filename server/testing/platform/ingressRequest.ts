/** One plain request through the ingress: answered by the app, or by the ingress where the app takes too long or is not there. */
import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';

export interface RequestLimits {
  /** Without an answer for so long it is answered 504; the app's log knows nothing of it. */
  requestTimeoutMs: number;
  /** What is streamed is cut after so long, whatever it sends. */
  streamLimitMs: number;
  /** Answers are kept back until they are whole, unless they say `X-Accel-Buffering: no`. */
  isBuffering: boolean;
}

export interface Target {
  host: string;
  port: number;
}

export function proxyRequest(
  request: IncomingMessage,
  response: ServerResponse,
  target: Target,
  headers: OutgoingHttpHeaders,
  limits: RequestLimits,
): void {
  const { method, url: path } = request;
  // The ingress decodes chunks and frames the body anew; a body of known length keeps its length.
  const isChunked = request.headers['transfer-encoding'] !== undefined;
  const outgoing = httpRequest({ ...target, method, path, headers, agent: false });
  if (isChunked) outgoing.setHeader('transfer-encoding', 'chunked');
  const timeout = setTimeout(() => {
    plain(response, 504, 'upstream request timeout');
    outgoing.destroy();
  }, limits.requestTimeoutMs);
  outgoing.on('response', (answer) => {
    clearTimeout(timeout);
    pass(answer, response, limits);
  });
  outgoing.on('error', () => {
    clearTimeout(timeout);
    if (!response.headersSent) plain(response, 502, 'Bad Gateway');
    else response.destroy();
  });
  response.on('close', () => {
    clearTimeout(timeout);
    if (!response.writableFinished) outgoing.destroy();
  });
  request.pipe(outgoing);
}

function pass(answer: IncomingMessage, response: ServerResponse, limits: RequestLimits): void {
  const headers = { ...answer.headers };
  for (const name of ['connection', 'keep-alive', 'transfer-encoding']) delete headers[name];
  response.writeHead(answer.statusCode!, headers);
  answer.on('error', () => response.destroy());
  const cut = setTimeout(() => response.destroy(), limits.streamLimitMs);
  response.on('close', () => clearTimeout(cut));
  if (limits.isBuffering && answer.headers['x-accel-buffering'] !== 'no') {
    const chunks: Buffer[] = [];
    answer.on('data', (chunk: Buffer) => chunks.push(chunk));
    answer.on('end', () => response.end(Buffer.concat(chunks)));
  } else {
    response.flushHeaders();
    answer.pipe(response);
  }
}

export function plain(response: ServerResponse, status: number, text: string): void {
  if (response.headersSent) return;
  response.writeHead(status, { 'content-type': 'text/plain', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}
