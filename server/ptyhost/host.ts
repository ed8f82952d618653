/** All sessions of one shard, and the requests of the one backend that controls them. */
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { AppError, toWire } from '../../protocol/errors.ts';
import { LOG_CAPACITY_BYTES } from '../../protocol/limits.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { PTY_MARK } from '../base/processTable.ts';
import { HostSession, type Send } from './hostSession.ts';
import type { FromHost, HostedSession, SpawnSpec, ToHost } from './hostProtocol.ts';
import { OutputLog } from './outputLog.ts';
import type { SpawnPty } from './pty.ts';

export interface HostOptions {
  /** Where the logs of the sessions live. */
  directory: string;
  logCapacityBytes?: number;
  /** How long a program may take to end by itself. */
  endGraceMs?: number;
}

/** A request is a message with an id; the rest is told and not answered. */
type Request = Extract<ToHost, { id: number }>;

export class PtyHost {
  /** Names this life of the host: a session row of another generation has no pty here. */
  readonly generation = randomUUID();
  #sessions = new Map<string, HostSession>();
  #send: Send = () => undefined;
  #isEnding = false;
  /** The number of sessions changed. */
  onCount: () => void = () => undefined;

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
    const send = this.#send; // the answer is for who asked: to a backend that took over meanwhile its id would mean something else
    let reply: FromHost;
    try {
      const ok = await this.#answer(message);
      // What is read travels as the body, not as JSON.
      if (Buffer.isBuffer(ok)) return send({ t: 'reply', id: message.id, ok: null }, ok);
      reply = { t: 'reply', id: message.id, ok: ok ?? null };
    } catch (error) {
      if (!(error instanceof AppError)) this.log.error({ err: error, request: message.t }, 'a request failed');
      const { code, message: sentence } = toWire(error);
      reply = { t: 'reply', id: message.id, error: { code, message: sentence } };
    }
    send(reply);
  }

  /** Ends every session and takes no new one; resolves when all have ended. */
  async endAll(): Promise<void> {
    this.#isEnding = true;
    await Promise.all([...this.#sessions.values()].map((session) => session.end(this.options.endGraceMs)));
  }

  #answer(message: Request): unknown {
    if (message.t === 'ping') return null;
    if (message.t === 'spawn') return this.#spawn(message.spec);
    const session = this.#session(message.sessionId);
    if (message.t === 'read') return session.read(message.from);
    if (message.t === 'sizes') return session.sizes();
    if (message.t === 'resize') return session.resize(message.cols, message.rows);
    if (message.t === 'end') return session.end(this.options.endGraceMs);
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

  #spawn({ preamble, ...asked }: SpawnSpec): HostedSession {
    if (this.#isEnding) throw new AppError('session.spawn_failed', 'the pty host is ending');
    const mark = `${this.generation}/${asked.sessionId}/${asked.incarnation}`;
    const spec = { ...asked, env: { ...asked.env, [PTY_MARK]: mark } };
    if (this.#sessions.has(spec.sessionId)) {
      throw new AppError('session.spawn_failed', 'a session with this id lives here already');
    }
    const directory = join(this.options.directory, spec.sessionId, String(spec.incarnation));
    const outputLog = new OutputLog(directory, this.options.logCapacityBytes ?? LOG_CAPACITY_BYTES);
    try {
      const session = new HostSession(spec, outputLog, this.spawnPty, this.clock, this.log, preamble);
      session.send = this.#send;
      this.#sessions.set(spec.sessionId, session);
      this.onCount();
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
    this.onCount();
    rmSync(join(this.options.directory, session.spec.sessionId), { recursive: true, force: true });
  }

  #session(sessionId: string): HostSession {
    const session = this.#sessions.get(sessionId);
    if (!session) throw new AppError('session.not_found', 'the pty host has no such session');
    return session;
  }
}
