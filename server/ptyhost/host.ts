/** All sessions of one shard, and the requests of the one backend that controls them. */
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { AppError, toWire } from '../../protocol/errors.ts';
import { LOG_CAPACITY_BYTES } from '../../protocol/limits.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { HostSession, type Send } from './hostSession.ts';
import type { FromHost, HostedSession, SpawnSpec, ToHost } from './hostProtocol.ts';
import { OutputLog } from './outputLog.ts';
import type { SpawnPty } from './pty.ts';

export interface HostOptions {
  /** Where the logs of the sessions live. */
  directory: string;
  logCapacityBytes?: number;
}

/** A request is a message with an id; the rest is told and not answered. */
type Request = Extract<ToHost, { id: number }>;

export class PtyHost {
  /** Names this life of the host: a session row of another generation has no pty here. */
  readonly generation = randomUUID();
  #sessions = new Map<string, HostSession>();
  #send: Send = () => undefined;

  constructor(
    private readonly options: HostOptions,
    private readonly spawnPty: SpawnPty,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  get sessionCount(): number {
    return this.#sessions.size;
  }

  describe(): HostedSession[] {
    return [...this.#sessions.values()].map((session) => session.describe());
  }

  /** From now on everything is told to this controller; subscriptions and pauses of an earlier one end. */
  setController(send: Send): void {
    this.#send = send;
    for (const session of this.#sessions.values()) {
      session.send = send;
      session.unsubscribe();
      session.unpause();
    }
  }

  async handle(message: ToHost, body: Uint8Array): Promise<void> {
    if (!('id' in message)) return this.#tell(message, body);
    let reply: FromHost;
    try {
      const ok = await this.#answer(message);
      // What is read travels as the body, not as JSON.
      if (Buffer.isBuffer(ok)) return this.#send({ t: 'reply', id: message.id, ok: null }, ok);
      reply = { t: 'reply', id: message.id, ok: ok ?? null };
    } catch (error) {
      if (!(error instanceof AppError)) this.log.error({ err: error, request: message.t }, 'a request failed');
      const { code, message: sentence } = toWire(error);
      reply = { t: 'reply', id: message.id, error: { code, message: sentence } };
    }
    this.#send(reply);
  }

  /** Ends every session; resolves when all have ended. */
  async endAll(): Promise<void> {
    await Promise.all([...this.#sessions.values()].map((session) => session.end()));
  }

  #answer(message: Request): unknown {
    if (message.t === 'ping') return null;
    if (message.t === 'spawn') return this.#spawn(message.spec);
    const session = this.#session(message.sessionId);
    if (message.t === 'read') return session.read(message.from);
    if (message.t === 'sizes') return session.sizes();
    if (message.t === 'resize') return session.resize(message.cols, message.rows);
    if (message.t === 'end') return session.end();
    if (message.t === 'attach_state') return session.attachState(message.attachmentId);
    return this.#forget(session);
  }

  /** A session that is no longer there is no error for these: they may cross its end. */
  #tell(message: Exclude<ToHost, { id: number }>, body: Uint8Array): void {
    if (message.t === 'hello') return;
    const session = this.#sessions.get(message.sessionId);
    if (!session) return;
    if (message.t === 'input') session.input(message.attachmentId, message.seq, body);
    else if (message.t === 'consumed') session.consumed(message.upTo);
    else if (message.t === 'subscribe') session.subscribe(message.from);
    else if (message.t === 'unsubscribe') session.unsubscribe();
    else if (message.t === 'pause') session.pause(message.forMs);
    else session.unpause();
  }

  #spawn(spec: SpawnSpec): HostedSession {
    if (this.#sessions.has(spec.sessionId)) {
      throw new AppError('session.spawn_failed', 'a session with this id lives here already');
    }
    const directory = join(this.options.directory, spec.sessionId, String(spec.incarnation));
    const outputLog = new OutputLog(directory, this.options.logCapacityBytes ?? LOG_CAPACITY_BYTES);
    try {
      const session = new HostSession(spec, outputLog, this.spawnPty, this.clock, this.log);
      session.send = this.#send;
      this.#sessions.set(spec.sessionId, session);
      this.log.info({ session: spec.sessionId, pid: session.describe().pid }, 'session spawned');
      return session.describe();
    } catch (error) {
      outputLog.delete();
      throw new AppError('session.spawn_failed', 'the pty could not be made', { cause: error });
    }
  }

  #forget(session: HostSession): void {
    if (session.isRunning) throw new AppError('internal', 'a running session is not forgotten');
    this.#sessions.delete(session.spec.sessionId);
    session.forget();
    rmSync(join(this.options.directory, session.spec.sessionId), { recursive: true, force: true });
  }

  #session(sessionId: string): HostSession {
    const session = this.#sessions.get(sessionId);
    if (!session) throw new AppError('session.not_found', 'the pty host has no such session');
    return session;
  }
}
