/** The sessions of this shard: opens, adopts, ends and forgets them, and hears from the pty host. */
import { AppError, isErrorCode } from '../../protocol/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { HostedSession, SpawnSpec } from '../ptyhost/hostProtocol.ts';
import type { HostEvent } from './hostClient.ts';
import type { HostAccess } from './hostLink.ts';
import type { HostState } from './hostPulse.ts';
import { Hosts } from './hosts.ts';
import type { LiveSession, SessionLabel } from './liveSession.ts';
import { OutputFeed } from './outputFeed.ts';
import { ScreenFeeder } from './screenFeeder.ts';

export interface RegistryEvents {
  /** State or size of a session changed. */
  onChanged(session: LiveSession): void;
  /** The session was ended and forgotten. */
  onRemoved(session: LiveSession): void;
  /** The host that had these is dead, and they with it. Their screens stay until this resolves. */
  onLost(session: LiveSession): Promise<void>;
  /** It lives on elsewhere, or nowhere: it is no longer ours. */
  onSurrendered(session: LiveSession, reason: AppError): void;
  /** The connection to its host ended and is back: whoever is attached must attach again. */
  onInterrupted(session: LiveSession): void;
  /** Connected to a pty host; `ids` has its sessions. */
  onHost(): void;
  onHostState(state: HostState): void;
  onWritten(sessionId: string, attachmentId: string, seq: number): void;
  onInputRefused(sessionId: string, attachmentId: string, error: AppError): void;
  onResized(session: LiveSession, offset: number): void;
  onFenced(): void;
}

export interface Launch extends SessionLabel {
  sessionId: string;
  incarnation: number;
  /** Output from before the program's own, with a revival. */
  preamble?: string;
  file: string;
  args: string[];
  env: Record<string, string>;
  cols: number;
  rows: number;
}

export class SessionRegistry {
  readonly #sessions = new Map<string, LiveSession>();
  readonly #host: Hosts;
  readonly screens: ScreenFeeder;
  /** Spawned for all we know, and nobody was told: their requests were not answered. They are ended when the host is back. */
  readonly #unanswered = new Set<string>();
  events: RegistryEvents | undefined;

  constructor(
    access: { current: HostAccess; previous?: HostAccess },
    screensCommand: string[],
    private readonly clock: Clock,
    private readonly log: Log,
  ) {
    this.#host = new Hosts(
      access,
      {
        onSessions: (generation, sessions) => this.#onSessions(generation, sessions),
        onLost: (ids) => ids.forEach((id) => this.#lose(id)),
        onEvent: (event, body) => this.#onEvent(event, body),
        onState: (state) => this.#onState(state),
        onFenced: () => this.events?.onFenced(),
      },
      clock,
      log,
    );
    this.screens = new ScreenFeeder(screensCommand, this.#host, this.#sessions, clock, log);
  }

  get hostState(): HostState {
    return this.#host.state;
  }

  /** Of the host in which new sessions begin. */
  get hostGeneration(): string {
    return this.#host.generation;
  }

  get host(): Hosts {
    return this.#host;
  }

  get all(): Iterable<LiveSession> {
    return this.#sessions.values();
  }

  get ids(): string[] {
    return [...this.#sessions.keys()];
  }

  get activeCount(): number {
    return [...this.#sessions.values()].filter((session) => session.state === 'running').length;
  }

  /** Resolves also when the host is blocked; rejects when there is none and none can be started, or when it would not have us. */
  open(): Promise<void> {
    return this.#host.open();
  }

  get(id: string): LiveSession | undefined {
    return this.#sessions.get(id);
  }

  /** @throws AppError `session.spawn_failed`, `ptyhost.unavailable` */
  async spawn(launch: Launch): Promise<LiveSession> {
    const { sessionId, incarnation, preamble, file, args, env, cols, rows } = launch;
    const { ownerEmail, projectId, name, command, cwd, conversation, createdAt } = launch;
    const label: SessionLabel = { ownerEmail, projectId, name, command, cwd, conversation, createdAt };
    const spec: SpawnSpec = {
      sessionId,
      incarnation,
      ...(preamble ? { preamble } : {}),
      file,
      args,
      cwd,
      env,
      cols,
      rows,
      label: JSON.stringify(label),
    };
    if (this.#unanswered.has(sessionId)) await this.#endUnanswered();
    const spawned = this.#host.request<HostedSession>({ t: 'spawn', spec });
    // Known before the answer comes, because the program's first output and even its end may come with it.
    const session = this.#add(
      { sessionId, incarnation, pid: 0, cols, rows, label: spec.label, start: 0, end: 0, exit: null },
      0,
      this.hostGeneration,
    );
    this.screens.open(session);
    try {
      await spawned;
      return session;
    } catch (error) {
      if (error instanceof AppError && error.code === 'ptyhost.unavailable') this.#unanswered.add(sessionId);
      if (this.#sessions.get(sessionId) === session) this.#drop(session);
      throw error;
    }
  }

  /** @throws AppError `session.not_running` */
  async resize(session: LiveSession, cols: number, rows: number): Promise<void> {
    await this.#host.request({ t: 'resize', sessionId: session.id, cols, rows });
  }

  /** Ends the program, waits until it has ended, and forgets the session and its log. */
  async remove(session: LiveSession): Promise<void> {
    await this.#host.request({ t: 'end', sessionId: session.id });
    await this.#host.request({ t: 'forget', sessionId: session.id });
    this.#drop(session);
    this.events?.onRemoved(session);
  }

  /**
   * Ends a session here that is no longer ours, or that is put away. From now on nobody finds it, and no key reaches it.
   * Resolves when its program has ended or the host does not answer (`isEnding`): then it is ended when the host does.
   */
  async surrender(session: LiveSession, reason: AppError): Promise<void> {
    if (session.state !== 'hibernated') session.state = 'lost';
    this.#drop(session);
    this.events?.onSurrendered(session, reason);
    this.#unanswered.add(session.id);
    await this.#end(session.id);
  }

  /** It was given up here, and its program may run still. */
  isEnding(id: string): boolean {
    return this.#unanswered.has(id);
  }

  /** Of every session that has a program here, or may have one. */
  get heldIds(): string[] {
    return [...this.#sessions.keys(), ...this.#unanswered];
  }

  /** It is not put away after all. */
  stays(session: LiveSession): void {
    if (this.#sessions.get(session.id) !== session) return; // lost or surrendered meanwhile
    session.state = 'running';
    if (session.exit) this.#onExited(session, session.exit);
    else this.events?.onChanged(session);
  }

  close(): void {
    for (const session of this.#sessions.values()) session.feed.dispose();
    this.screens.close();
    this.#host.close();
  }

  #onSessions(generation: string, hosted: HostedSession[]): void {
    for (const one of hosted) {
      if (this.#unanswered.has(one.sessionId)) continue;
      const before = this.#sessions.get(one.sessionId);
      const session = this.#add(one, one.end, generation);
      if (before) this.events?.onInterrupted(before);
      this.screens.rebuild(session);
      this.events?.onChanged(session); // its row may be from before: it was starting, or running, when the last backend ended
    }
    this.events?.onHost();
  }

  #onState(state: HostState): void {
    if (state === 'ok') void this.#endUnanswered();
    this.events?.onHostState(state);
  }

  /** Whoever asked for these was told that it failed: a pty that nobody can find must not run. */
  async #endUnanswered(): Promise<void> {
    for (const sessionId of this.#unanswered) if (!(await this.#end(sessionId))) return;
  }

  /** False when the host does not answer: then it is tried again when it is back. */
  async #end(sessionId: string): Promise<boolean> {
    try {
      await this.#host.request({ t: 'end', sessionId });
      await this.#host.request({ t: 'forget', sessionId });
    } catch (error) {
      if (error instanceof AppError && error.code === 'ptyhost.unavailable') return false;
      if (!(error instanceof AppError && error.code === 'session.not_found'))
        this.log.error({ err: error, session: sessionId }, 'a session that nobody has could not be ended');
    }
    this.#unanswered.delete(sessionId);
    return true;
  }

  #lose(id: string): void {
    const session = this.#sessions.get(id);
    if (!session) return;
    if (session.state !== 'exited') {
      session.state = 'lost';
      session.endedAt = new Date(this.clock.now()).toISOString();
    }
    this.#sessions.delete(id);
    session.feed.dispose();
    void this.events?.onLost(session).finally(() => {
      if (!this.#sessions.has(id)) this.screens.drop(id); // it may have been revived here meanwhile
    });
  }

  #drop(session: LiveSession): void {
    this.#sessions.delete(session.id);
    session.feed.dispose();
    this.screens.drop(session.id);
  }

  #add(hosted: HostedSession, subscribeFrom: number, hostGeneration: string): LiveSession {
    const { sessionId, incarnation, cols, rows, exit } = hosted;
    const endedAt = exit && new Date(hosted.exitedAt ?? this.clock.now()).toISOString();
    const label = JSON.parse(hosted.label) as SessionLabel;
    this.#sessions.get(sessionId)?.feed.dispose();
    const source = {
      read: (from: number) => this.#host.requestBytes({ t: 'read', sessionId, from }),
      consumed: (upTo: number) => this.#host.tell({ t: 'consumed', sessionId, upTo }),
      pause: (forMs: number) => this.#host.tell({ t: 'pause', sessionId, forMs }),
      unpause: () => this.#host.tell({ t: 'unpause', sessionId }),
    };
    const session: LiveSession = {
      ...label,
      id: sessionId,
      incarnation,
      state: exit ? 'exited' : 'running',
      cols,
      rows,
      exit,
      endedAt,
      hostGeneration,
      feed: new OutputFeed(source, subscribeFrom, this.clock),
      screen: undefined,
    };
    this.#sessions.set(sessionId, session);
    this.#host.tell({ t: 'subscribe', sessionId, from: subscribeFrom });
    if (exit) session.feed.ended(exit);
    return session;
  }

  #onEvent(event: HostEvent, body: Buffer): void {
    const session = this.#sessions.get(event.sessionId);
    if (!session) return;
    if (event.t === 'output') session.feed.push(event.offset, body);
    else if (event.t === 'written') this.events?.onWritten(session.id, event.attachmentId, event.seq);
    else if (event.t === 'exited') this.#onExited(session, event.exit);
    else if (event.t === 'resized') this.#onResized(session, event.offset, event.cols, event.rows);
    else {
      const { attachmentId, code, message } = event;
      this.events?.onInputRefused(
        session.id,
        attachmentId,
        new AppError(isErrorCode(code) ? code : 'internal', message),
      );
    }
  }

  #onExited(session: LiveSession, exit: LiveSession['exit'] & object): void {
    session.exit = exit;
    if (session.state === 'hibernated') return; // its end is no news, unless it stays
    session.state = 'exited';
    session.endedAt = new Date(this.clock.now()).toISOString();
    session.feed.ended(exit);
    this.log.info({ session: session.id, ...exit }, 'session exited');
    this.events?.onChanged(session);
  }

  #onResized(session: LiveSession, offset: number, cols: number, rows: number): void {
    session.cols = cols;
    session.rows = rows;
    this.screens.resize(session.id, offset, cols, rows);
    this.events?.onResized(session, offset);
    this.events?.onChanged(session);
  }
}
