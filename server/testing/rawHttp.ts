/** HTTP as an attacker speaks it: paths and headers go out exactly as given, and every answer is returned, not thrown. */
import { Agent, request, type IncomingHttpHeaders, type RequestOptions } from 'node:http';
import { connect } from 'node:net';

export interface RawRequest {
  method?: string;
  path: string;
  headers?: Record<string, string>;
  /** An object is sent as JSON; bytes and text as they are. */
  body?: string | Buffer | object;
}

export interface RawAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

export interface WireErrorBody {
  error: { code: string; message: string; correlationId?: string };
}

export function send(port: number, { method = 'GET', path, headers = {}, body }: RawRequest): Promise<RawAnswer> {
  const isJson = typeof body === 'object' && !Buffer.isBuffer(body);
  const bytes = isJson ? JSON.stringify(body) : body;
  const length =
    bytes === undefined || headers['Transfer-Encoding'] ? {} : { 'Content-Length': String(Buffer.byteLength(bytes)) };
  const options = {
    port,
    method,
    path,
    headers: { ...(isJson ? { 'Content-Type': 'application/json' } : {}), ...length, ...headers },
  };
  return exchange(options, bytes);
}

/** Asks for a websocket; 101 when it was given (and given up at once). */
export function askUpgrade(port: number, path: string, headers: Record<string, string> = {}): Promise<RawAnswer> {
  const websocket = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': Buffer.alloc(16, 7).toString('base64'),
  };
  return exchange({ port, path, headers: { ...websocket, ...headers } });
}

function exchange(options: RequestOptions, bytes?: string | Buffer): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', agent: new Agent({ keepAlive: true }), ...options }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, text }));
      response.on('error', reject);
    });
    outgoing.on('upgrade', (response, socket) => {
      socket.destroy();
      resolve({ status: response.statusCode!, headers: response.headers, text: '' });
    });
    outgoing.on('error', reject);
    outgoing.end(bytes);
  });
}

/** Sends text over TCP as it is and returns everything that comes until the other side ends, politely or not. */
export function sendText(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => (answer += chunk));
    socket.on('error', () => undefined); // `close` follows
    socket.on('close', () => resolve(answer));
  });
}

/** The error of an answer as `code` and status; `not a typed error` when it has another shape. */
export function refusalOf({ status, text }: RawAnswer): string {
  try {
    const { code, message } = (JSON.parse(text) as WireErrorBody).error;
    return /\w+ \w+/.test(message) ? `${status} ${code}` : `${status} ${code} without a sentence`;
  } catch {
    return `${status} not a typed error: ${text.slice(0, 200)}`;
  }
}

/** Everything of an answer that may not differ between an id of another person and one that does not exist. */
export function comparable({ status, headers, text }: RawAnswer): unknown {
  const { date, etag: _ofTheWholeBody, 'x-request-id': requestId, ...rest } = headers;
  const correlationId = /"correlationId":"[^"]*"/g;
  return { status, headers: rest, text: text.replace(correlationId, ''), hasIds: Boolean(date && requestId) };
}
