/** Questions of the frontend's own to a shard: short, without a body, and given up in time. */
import type { ClientRequest, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import { AppError } from '../../protocol/errors.ts';
import { judge, readBounded, troubleOf, type Hop } from './hop.ts';

export interface Question {
  path: string;
  timeoutMs: number;
  headers?: OutgoingHttpHeaders;
}

export type Reply =
  /** By the shard itself. */
  | { is: 'answer'; status: number; body: string }
  /** By something between us, or by nobody. */
  | { is: 'none'; trouble: string }
  /** Nothing came in time. */
  | { is: 'late' };

/** Never rejects. Asked once more with another token when the first one was refused: a refusal did nothing. */
export async function askShard(hop: Hop, shardId: string, question: Question): Promise<Reply> {
  const signal = AbortSignal.timeout(question.timeoutMs);
  const late = new Promise<Reply>((resolve) => {
    signal.addEventListener('abort', () => resolve({ is: 'late' }), { once: true });
  });
  const asked = ask(hop, shardId, question, signal).catch((error: unknown): Reply => {
    return { is: 'none', trouble: troubleIn(error) };
  });
  return Promise.race([asked, late]);
}

/** Errors of the network name addresses, which no browser may learn; their codes do not. */
function troubleIn(error: unknown): string {
  if (error instanceof AppError) return error.message;
  return `it cannot be reached (${(error as NodeJS.ErrnoException).code ?? 'no answer'})`;
}

async function ask(hop: Hop, shardId: string, question: Question, signal: AbortSignal): Promise<Reply> {
  for (let isFirst = true; ; isFirst = false) {
    const token = await hop.token(shardId);
    signal.throwIfAborted();
    const outgoing = hop.dial(shardId, { method: 'GET', path: question.path, headers: question.headers ?? {}, token });
    outgoing.end();
    const answer = await answerTo(outgoing, signal).catch((error: unknown) => {
      // The end of a connection that lay idle says nothing of the shard; and asking twice is asking once.
      if (isFirst && outgoing.reusedSocket && !signal.aborted) return undefined;
      throw error;
    });
    if (!answer) continue;
    const { verdict, body } = await judge(answer, 'GET');
    if (verdict.is === 'answer' || verdict.is === 'assertion_refused')
      return { is: 'answer', status: answer.statusCode!, body: body ?? (await readBounded(answer)) ?? '' };
    answer.destroy();
    if (verdict.is === 'token_refused' && isFirst && (await hop.replaced(shardId, token))) continue;
    hop.tell(shardId, troubleOf(verdict));
    return { is: 'none', trouble: troubleOf(verdict) };
  }
}

/** The head of an answer, whatever it says. Ended with `signal`, at any time. */
function answerTo(outgoing: ClientRequest, signal: AbortSignal): Promise<IncomingMessage> {
  const end = () => outgoing.destroy();
  signal.addEventListener('abort', end, { once: true });
  outgoing.once('close', () => signal.removeEventListener('abort', end));
  return new Promise((resolve, reject) => {
    outgoing.once('response', resolve);
    outgoing.once('upgrade', (answer: IncomingMessage, socket: Socket) => {
      socket.destroy();
      resolve(answer);
    });
    outgoing.on('error', reject);
  });
}

/** Whether an upgrade of the frontend's own is answered with 101; the websocket is given up at once. */
export async function asksUpgrade(hop: Hop, shardId: string, question: Question): Promise<boolean> {
  const signal = AbortSignal.timeout(question.timeoutMs);
  try {
    const token = await hop.token(shardId);
    const headers = {
      ...question.headers,
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': Buffer.alloc(16, 1).toString('base64'), // nothing is read, so nothing must be told apart
    };
    const outgoing = hop.dial(shardId, { method: 'GET', path: question.path, headers, token });
    outgoing.end();
    const answer = await answerTo(outgoing, signal);
    answer.destroy();
    return answer.statusCode === 101;
  } catch {
    return false;
  }
}
