/**
 * A stand-in for the model behind an agent: answers POST /v1/messages as the Messages API does
 * (https://docs.anthropic.com/en/api/messages-streaming), with a long answer that comes in small pieces.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** The last words of each answer. */
export const LAST_WORDS = 'and here the answer ends.';
const USAGE = { input_tokens: 12, output_tokens: 1 };

export interface AgentApiOptions {
  /** How many paragraphs an answer has, each of several pieces. */
  paragraphs: number;
  /** Time between two pieces. */
  pieceMs: number;
  /** Waited for before an answer begins to stream: no real model answers in the moment in which it is asked. */
  beforeAnswer?: () => Promise<void>;
}

export class AgentApi {
  #server: Server;
  #answers = 0;
  /** Pieces sent in all answers so far. */
  pieces = 0;
  /** The conversations that were sent, as JSON. */
  readonly asked: string[] = [];

  private constructor(private readonly options: AgentApiOptions) {
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async start(options: AgentApiOptions): Promise<AgentApi> {
    const api = new AgentApi(options);
    await new Promise<void>((resolve) => api.#server.listen(0, '127.0.0.1', resolve));
    return api;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as { port: number }).port}`;
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    const path = new URL(request.url ?? '/', this.url).pathname;
    if (path === '/v1/messages/count_tokens') return json(response, { input_tokens: USAGE.input_tokens });
    if (path !== '/v1/messages') return json(response, {});
    this.asked.push(JSON.stringify(body.messages));
    const message = {
      id: `msg_${++this.#answers}`,
      type: 'message',
      role: 'assistant',
      model: typeof body.model === 'string' ? body.model : 'stand-in',
      content: [] as object[],
      stop_reason: null as string | null,
      stop_sequence: null,
      usage: USAGE,
    };
    if (body.stream === true) return this.#stream(response, message);
    return json(response, { ...message, content: [{ type: 'text', text: 'A title' }], stop_reason: 'end_turn' });
  }

  async #stream(response: ServerResponse, message: object): Promise<void> {
    await this.options.beforeAnswer?.();
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    const tell = (type: string, more: object) =>
      response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`);
    tell('message_start', { message });
    tell('content_block_start', { index: 0, content_block: { type: 'text', text: '' } });
    for (const text of this.#text()) {
      if (response.destroyed) return;
      tell('content_block_delta', { index: 0, delta: { type: 'text_delta', text } });
      this.pieces++;
      await sleep(this.options.pieceMs);
    }
    tell('content_block_stop', { index: 0 });
    tell('message_delta', {
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { output_tokens: this.pieces },
    });
    tell('message_stop', {});
    response.end();
  }

  *#text(): Generator<string> {
    for (let i = 1; i <= this.options.paragraphs; i++) {
      yield `Paragraph **${i}** begins, `;
      for (const word of ['goes', 'on', 'for', 'a', 'while,', `names \`file${i}.ts\``]) yield `${word} `;
      yield 'and stops.\n\n';
    }
    yield LAST_WORDS;
  }
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  try {
    return JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function json(response: ServerResponse, value: object): void {
  response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
}
