/** One connection of a backend to its pty host: requests with answers, messages without, events. */
import { randomInt } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { AppError, isErrorCode } from '../../protocol/errors.ts';
import { deferred, type Deferred } from '../base/deferred.ts';
import { encodeFrame, FrameReader } from '../base/frames.ts';
import type { FromHost, ToHost } from '../ptyhost/hostProtocol.ts';

type Welcome = Extract<FromHost, { t: 'welcome' }>;
export type HostEvent = Exclude<FromHost, { t: 'welcome' | 'refused' | 'reply' }>;
type Request = Extract<ToHost, { id: number }>;
type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never;
export type HostRequest = WithoutId<Request>;
export type HostMessage = Exclude<ToHost, { id: number } | { t: 'hello' }>;
export type Hello = Omit<Extract<ToHost, { t: 'hello' }>, 't'>;

type RefusalReason = Extract<FromHost, { t: 'refused' }>['reason'];
/** Why a connection ended: the host died, another backend took over, or it would not have us. */
export type CloseReason = 'closed' | RefusalReason;

/** The host is there and will not have us. */
export class HostRefused extends Error {
  constructor(readonly reason: RefusalReason) {
    super(`the pty host refused: ${reason}`);
  }
}

export class HostClient {
  /** Not from 1: an answer to an earlier backend must not be taken for one to us (hosts of version 1 may mix them up). */
  #nextId = randomInt(2 ** 32);
  #waiting = new Map<number, Deferred<{ ok: unknown; body: Buffer }>>();
  #isClosed = false;
  onEvent: (event: HostEvent, body: Buffer) => void = () => undefined;
  onClose: (reason: CloseReason) => void = () => undefined;
  /** Called at every word of the host. */
  onHeard: () => void = () => undefined;

  private constructor(
    private readonly socket: Socket,
    readonly welcome: Welcome,
  ) {}

  /**
   * Resolves when the host lets us in: never, while it is frozen and the connection stands. It is not tried again meanwhile,
   * because a host that goes on would take each try for a newer backend than the one before.
   * @param onConnected somebody listens; the answer is waited for
   * @returns rejects with a node error when nobody listens, with HostRefused when it would not have us
   */
  static connect(path: string, hello: Hello, onConnected: (abort: () => void) => void): Promise<HostClient> {
    const socket = connect(path);
    const reader = new FrameReader<FromHost>();
    const opened = deferred<HostClient>();
    let client: HostClient | undefined;
    let reason: CloseReason = 'closed';
    socket.on('connect', () => {
      onConnected(() => socket.destroy());
      socket.write(encodeFrame({ t: 'hello', ...hello } satisfies ToHost));
    });
    socket.on('data', (chunk) => {
      for (const { head, body } of reader.push(chunk)) {
        if (head.t === 'welcome') opened.resolve((client = new HostClient(socket, head)));
        else if (head.t === 'refused') reason = head.reason;
        else client?.receive(head, body);
      }
    });
    socket.on('error', (error) => opened.reject(error));
    socket.on('close', () => {
      opened.reject(reason === 'closed' ? new Error('the pty host closed the connection') : new HostRefused(reason));
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

  /** Every request that waits is answered with `ptyhost.unavailable`. The host may carry it out all the same. */
  giveUp(): void {
    for (const answer of this.#waiting.values()) answer.reject(unavailable());
    this.#waiting.clear();
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
    this.onHeard();
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
    this.giveUp();
    this.onClose(reason);
  }
}

export function unavailable(): AppError {
  return new AppError('ptyhost.unavailable', 'the process that owns the terminals does not answer');
}
