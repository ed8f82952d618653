/** Keeps the server's screen of every session fed, over restarts of the screens process, and passes its answers on to the pty. */
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { SCREEN_ATTACHMENT, type AttachState, type SizeMark } from '../ptyhost/hostProtocol.ts';
import type { Hosts } from './hosts.ts';
import type { LiveSession } from './liveSession.ts';
import { ScreensClient, type ScreenSnapshot } from './screensClient.ts';

/** After a restart a screen is rebuilt from at most this much of the log: more would keep a core busy for long. */
const REBUILD_BYTES = 4 * 1024 * 1024;

export class ScreenFeeder {
  #screens: ScreensClient;

  constructor(
    command: string[],
    private readonly host: Hosts,
    private readonly sessions: ReadonlyMap<string, LiveSession>,
    clock: Clock,
    private readonly log: Log,
  ) {
    this.#screens = new ScreensClient(
      command,
      {
        onFed: (sessionId, offset) => sessions.get(sessionId)?.screen?.ack(offset),
        onAnswer: (sessionId, offset, bytes) => this.#answer(sessionId, offset, bytes),
        onRestart: () => this.#openAll(),
      },
      clock,
      log,
    );
  }

  /** A new session: its screen begins with it. */
  open(session: LiveSession): void {
    const { id: sessionId, cols, rows } = session;
    this.#screens.tell({ t: 'open', sessionId, offset: 0, answerFrom: 0, cols, rows });
    this.#follow(session, 0);
  }

  /** A session that lived before this process: its screen is drawn anew from the log, without answering old queries again. */
  async rebuild(session: LiveSession): Promise<void> {
    const { id: sessionId } = session;
    try {
      const state = await this.host.request<AttachState>({
        t: 'attach_state',
        sessionId,
        attachmentId: SCREEN_ATTACHMENT,
      });
      const sizes = await this.host.request<SizeMark[]>({ t: 'sizes', sessionId });
      const offset = Math.max(state.start, state.end - REBUILD_BYTES);
      // Drawn at the size it has now: programs that use the whole screen draw themselves again after a resize.
      const { cols, rows } = sizes.at(-1) ?? session;
      this.#screens.tell({ t: 'open', sessionId, offset, answerFrom: state.writtenSeq, cols, rows });
      this.#follow(session, offset);
    } catch (error) {
      this.log.error({ err: error, session: sessionId }, 'the screen could not be rebuilt');
    }
  }

  resize(sessionId: string, cols: number, rows: number): void {
    this.#screens.tell({ t: 'resize', sessionId, cols, rows });
  }

  drop(sessionId: string): void {
    this.#screens.tell({ t: 'drop', sessionId });
  }

  snapshot(sessionId: string): Promise<ScreenSnapshot> {
    return this.#screens.snapshot(sessionId);
  }

  async visible(sessionId: string) {
    const { bytes, ...at } = await this.snapshot(sessionId);
    return { ...at, text: Buffer.from(bytes).toString() };
  }

  async transcript(sessionId: string, maxBytes: number): Promise<string> {
    const { text } = await this.visible(sessionId);
    return text
      .replace(/^\x1bc/, '')
      .split('\r\n')
      .map((line) => `${line}\x1b[m\r\n`)
      .join('')
      .slice(-maxBytes);
  }

  close(): void {
    this.#screens.close();
  }

  #openAll(): void {
    for (const session of this.sessions.values()) void this.rebuild(session);
  }

  #follow(session: LiveSession, from: number): void {
    session.screen?.close();
    const { id: sessionId } = session;
    session.screen = session.feed.addReader(
      from,
      {
        onOutput: (bytes, offset) => this.#screens.tell({ t: 'feed', sessionId, offset }, bytes),
        onExit: () => undefined,
        onPruned: () => void this.rebuild(session),
      },
      true,
    );
  }

  #answer(sessionId: string, offset: number, bytes: Uint8Array): void {
    this.host.tell({ t: 'input', sessionId, attachmentId: SCREEN_ATTACHMENT, seq: offset }, bytes);
  }
}
