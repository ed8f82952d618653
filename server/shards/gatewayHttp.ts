/** One exchange over HTTP: the request's body goes out as it comes, and the answer goes back as it comes. */
import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { pipeline } from 'node:stream';
import { answerHeaders, hasBody } from './hopHeaders.ts';

/** A connection on which nothing moves for this long has failed; so a request must be begun to be answered in this time. */
const SILENCE_TIMEOUT_MS = 60_000;

/** The head of the answer. Rejects when there is none; ended when the browser goes. */
export function exchange(
  outgoing: ClientRequest,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<IncomingMessage> {
  endWithBrowser(outgoing, request, response);
  return new Promise((resolve, reject) => {
    outgoing.setTimeout(SILENCE_TIMEOUT_MS, () => outgoing.destroy(new Error('the shard does not answer in time')));
    outgoing.once('response', (answer: IncomingMessage) => {
      // What breaks off later is told by the stream's own end; without a listener it would end the process.
      answer.on('error', () => undefined);
      resolve(answer);
    });
    outgoing.once('upgrade', (_answer, socket: Socket) => {
      socket.destroy();
      reject(new Error('the shard changed the protocol without being asked'));
    });
    outgoing.on('error', reject);
    if (hasBody(request.headers)) request.pipe(outgoing);
    else outgoing.end();
  });
}

/** @param body what was read of it already */
export function relay(answer: IncomingMessage, body: string | undefined, response: ServerResponse): void {
  response.statusCode = answer.statusCode!;
  for (const [name, value] of Object.entries(answerHeaders(answer.headers))) response.setHeader(name, value!);
  if (body === undefined) return void pipeline(answer, response, () => undefined);
  // It was seen not to be a page, whatever it is called.
  if (/html/i.test(answer.headers['content-type'] ?? '')) response.setHeader('content-type', 'text/plain');
  if (response.req.method !== 'HEAD') response.setHeader('content-length', Buffer.byteLength(body));
  response.end(body);
}

/** An answer may also come, and be through, before the body was sent: what is left of it is of no use to anyone. */
function endWithBrowser(outgoing: ClientRequest, request: IncomingMessage, response: ServerResponse): void {
  const over = () => {
    response.off('finish', over).off('close', over);
    if (outgoing.writableFinished && response.writableFinished) return;
    request.unpipe(outgoing);
    request.resume();
    outgoing.destroy();
  };
  if (response.destroyed) return void outgoing.destroy();
  response.on('finish', over).on('close', over);
  outgoing.once('close', () => response.off('finish', over).off('close', over));
}
