/** One connection of a backend to its pty host: requests with answers, messages without, events. */
import { connect, type Socket } from 'node:net';
import { AppError, isErrorCode } from '../../protocol/errors.ts';
import { deferred, type Deferred } from '../base/deferred.ts';
import { encodeFrame, FrameReader } from '../base/frames.ts';
import { HOST_PROTOCOL_VERSION, type FromHost, type ToHost } from '../ptyhost/hostProtocol.ts';

type Welcome = Extract<FromHost, { t: 'welcome' }>;
export type HostEvent = Exclude<FromHost, { t: 'welcome' | 'refused' | 'reply' }>;
type Request = Extract<ToHost, { id: number }>;
type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never;
export type HostRequest = WithoutId<Request>;
export type HostMessage = Exclude<ToHost, { id: number } | { t: 'hello' }>;

/** Why a connection ended: the host died, another backend took over, or it would not have us. */
export type CloseReason = 'closed' | 'fenced' | 'key' | 'version';

export class HostClient {
  #nextId = 1;
  #waiting = new Map<number, Deferred<{ ok: unknown; body: Buffer }>>();
  #isClosed = false;
  onEvent: (event: HostEvent, body: Buffer) => void = () => undefined;
  onClose: (reason: CloseReason) => void = () => undefined;

  private constructor(
    private readonly socket: Socket,
    readonly welcome: Welcome,
  ) {}

  /** Rejects when nobody listens, or with the host's reason when it refuses. */
  static connect(path: string, key: string): Promise<HostClient> {
    const socket = connect(path);
    const reader = new FrameReader<FromHost>();
    const opened = deferred<HostClient>();
    let client: HostClient | undefined;
    let reason: CloseReason = 'closed';
    socket.on('connect', () =>
      socket.write(encodeFrame({ t: 'hello', version: HOST_PROTOCOL_VERSION, key } satisfies ToHost)),
    );
    socket.on('data', (chunk) => {
      for (const { head, body } of reader.push(chunk)) {
        if (head.t === 'welcome') opened.resolve((client = new HostClient(socket, head)));
        else if (head.t === 'refused') reason = head.reason;
        else client?.receive(head, body);
      }
    });
    socket.on('error', (error) => opened.reject(error));
    socket.on('close', () => {
      opened.reject(new Error(`the pty host refused: ${reason}`));
      client?.closed(reason);
    });
    return opened.promise;
  }

  /** Rejects with the host's AppError, or `ptyhost.unavailable` when the connection ends first. */
  async request<T>(message: HostRequest): Promise<T> {
    return (await this.#ask(message)).ok as T;
  }

  async requestBytes(message: HostRequest): Promise<Buffer> {
    return (await this.#ask(message)).body;
  }

  tell(message: HostMessage, body?: Uint8Array): void {
    if (!this.#isClosed) this.socket.write(encodeFrame(message, body));
  }

  close(): void {
    this.socket.destroy();
  }

  #ask(message: HostRequest): Promise<{ ok: unknown; body: Buffer }> {
    if (this.#isClosed) return Promise.reject(unavailable());
    const id = this.#nextId++;
    const answer = deferred<{ ok: unknown; body: Buffer }>();
    this.#waiting.set(id, answer);
    this.socket.write(encodeFrame({ ...message, id }));
    return answer.promise;
  }

  private receive(head: Exclude<FromHost, { t: 'welcome' | 'refused' }>, body: Buffer): void {
    if (head.t !== 'reply') return this.onEvent(head, body);
    const answer = this.#waiting.get(head.id);
    this.#waiting.delete(head.id);
    if ('error' in head) {
      const { code, message } = head.error;
      answer?.reject(new AppError(isErrorCode(code) ? code : 'internal', message));
    } else answer?.resolve({ ok: head.ok, body });
  }

  private closed(reason: CloseReason): void {
    this.#isClosed = true;
    for (const answer of this.#waiting.values()) answer.reject(unavailable());
    this.#waiting.clear();
    this.onClose(reason);
  }
}

function unavailable(): AppError {
  return new AppError('ptyhost.unavailable', 'the process that owns the terminals does not answer');
}
