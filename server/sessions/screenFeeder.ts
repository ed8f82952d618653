/** Keeps the server's screen of every session fed, over restarts of the screens process, and passes its answers on to the pty. */
import { HISTORY_BYTES, SNAPSHOT_BYTES } from '../../protocol/limits.ts';
import type { Appearance } from '../../protocol/terminal.ts';
import type { Clock } from '../base/clock.ts';
import { deferred, type Deferred } from '../base/deferred.ts';
import type { Log } from '../base/log.ts';
import { SCREEN_ATTACHMENT, type AttachState, type SizeMark } from '../ptyhost/hostProtocol.ts';
import type { Picture } from '../screens/screenProtocol.ts';
import type { Hosts } from './hosts.ts';
import type { LiveSession } from './liveSession.ts';
import { nextRebuild, type Rebuild } from './rebuildQueue.ts';
import { bytesToSkip, sizesFrom } from './rebuildStart.ts';
import { ScreensClient, type DrawnScreen, type HeardAt } from './screensClient.ts';

/** After a restart a screen is rebuilt from at most this much of the log: more would keep a core busy for long. */
const REBUILD_BYTES = 4 * 1024 * 1024;
/** Who asks for a picture of a screen that is being rebuilt waits this long for it; then a picture of what is there must do. */
const REBUILD_WAIT_MS = 5_000;

/** The visible screen alone. */
export interface VisibleScreen {
  offset: number;
  cols: number;
  rows: number;
  /** Begins with a full reset; draws it on any terminal of this size. */
  text: string;
}

interface RunningRebuild extends Rebuild {
  session: LiveSession;
  /** It is done when everything before this has been parsed. */
  target: number;
  done: Deferred<void>;
  /** Changes of size while the log is being asked for what it holds. */
  resizes: SizeMark[];
}

export class ScreenFeeder {
  #screens: ScreensClient;
  #waiting: RunningRebuild[] = [];
  #running = new Map<string, RunningRebuild>();
  #isUp = true;
  /** Up to where the signals of each session were heard, so that a rebuilt screen tells none of them again. */
  #heardTo = new Map<string, { incarnation: number; offset: number }>();
  /** What a program tells its person. */
  onSignal: (session: LiveSession, heard: HeardAt) => void = () => undefined;
  /** Of the client that used the session last, by session id. */
  #appearances = new Map<string, Appearance>();

  constructor(
    command: string[],
    private readonly host: Hosts,
    private readonly sessions: ReadonlyMap<string, LiveSession>,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {
    this.#screens = new ScreensClient(
      command,
      {
        onFed: (sessionId, offset) => this.#fed(sessionId, offset),
        onAnswer: (sessionId, offset, bytes) => this.#answer(sessionId, offset, bytes),
        onSignal: (heard) => this.#signal(heard),
        onDied: () => this.#died(),
        onRestart: () => {
          this.#isUp = true;
          this.#beginRebuilds();
        },
      },
      clock,
      log,
    );
  }

  /** A new session: its screen begins with it. */
  open(session: LiveSession): void {
    const { id: sessionId, cols, rows } = session;
    this.#screens.tell({ t: 'open', sessionId, offset: 0, answerFrom: 0, signalFrom: 0, cols, rows });
    this.#follow(session, 0);
  }

  /** A session that lived before this process: its screen is drawn anew from the log, without answering old queries again. */
  rebuild(session: LiveSession, isWanted = false): void {
    this.#forget(session.id);
    session.screen?.close();
    session.screen = undefined;
    this.#waiting.push({
      session,
      sessionId: session.id,
      isWanted,
      endWhenAsked: session.feed.end,
      target: Infinity,
      done: deferred(),
      resizes: [],
    });
    this.#beginRebuilds();
  }

  /** Output from `offset` on was made for this size. */
  resize(sessionId: string, offset: number, cols: number, rows: number): void {
    this.#running.get(sessionId)?.resizes.push({ offset, cols, rows });
    this.#screens.tell({ t: 'resize', sessionId, offset, cols, rows });
  }

  /** The client that looks like this is the one used last. Cheap when it was so before. */
  usedBy(sessionId: string, appearance: Appearance | undefined): void {
    if (!appearance || this.#appearances.get(sessionId) === appearance) return;
    this.#appearances.set(sessionId, appearance);
    this.#screens.tell({ t: 'appearance', sessionId, appearance });
  }

  appearanceOf(sessionId: string): Appearance | undefined {
    return this.#appearances.get(sessionId);
  }

  drop(sessionId: string): void {
    this.#forget(sessionId);
    this.#appearances.delete(sessionId);
    this.#heardTo.delete(sessionId);
    this.#screens.tell({ t: 'drop', sessionId });
    this.#beginRebuilds();
  }

  /**
   * For a client: the screen with the lines above it in one picture; or, with `screenFirst`, the screen alone in the first
   * and everything in the second. Rejects with `screen.unavailable`.
   */
  snapshot(sessionId: string, screenFirst = false): Promise<DrawnScreen> {
    const whole = { of: 'whole' as const, maxBytes: HISTORY_BYTES };
    return this.#draw(sessionId, screenFirst ? [{ of: 'screen', maxBytes: SNAPSHOT_BYTES }, whole] : [whole]);
  }

  /** The visible screen, without the lines above it. Rejects with `screen.unavailable`. */
  async visible(sessionId: string): Promise<VisibleScreen> {
    const { pictures, ...at } = await this.#draw(sessionId, [{ of: 'screen', maxBytes: SNAPSHOT_BYTES }]);
    return { ...at, text: Buffer.from(pictures[0]!).toString() };
  }

  /**
   * The newest lines of the normal screen and of what has scrolled away above it, in at most `maxBytes`: text with
   * attributes, no modes and no movement, each line ended by `\x1b[m\r\n`. Rejects with `screen.unavailable`.
   */
  async transcript(sessionId: string, maxBytes: number): Promise<string> {
    const { pictures } = await this.#draw(sessionId, [{ of: 'transcript', maxBytes }]);
    return Buffer.from(pictures[0]!).toString();
  }

  close(): void {
    this.#screens.close();
  }

  /** Tried again when the process died over it. */
  async #draw(sessionId: string, pictures: { of: Picture; maxBytes: number }[]): Promise<DrawnScreen> {
    await this.#whenRebuilt(sessionId);
    try {
      return await this.#screens.draw(sessionId, pictures);
    } catch (error) {
      if (!this.#find(sessionId)) throw error;
      await this.#whenRebuilt(sessionId);
      return this.#screens.draw(sessionId, pictures);
    }
  }

  async #whenRebuilt(sessionId: string): Promise<void> {
    const late = deferred<void>();
    let isLate = false;
    const cancel = this.clock.after(REBUILD_WAIT_MS, () => {
      isLate = true;
      late.resolve();
    });
    for (let rebuild = this.#find(sessionId); rebuild && !isLate; rebuild = this.#find(sessionId)) {
      rebuild.isWanted = true;
      this.#beginRebuilds();
      await Promise.race([rebuild.done.promise, late.promise]);
    }
    cancel();
  }

  #find(sessionId: string): RunningRebuild | undefined {
    return this.#running.get(sessionId) ?? this.#waiting.find((rebuild) => rebuild.sessionId === sessionId);
  }

  /** The process is dead, and all screens with it. */
  #died(): void {
    this.#isUp = false;
    for (const session of this.sessions.values()) {
      const isWanted = this.#find(session.id)?.isWanted ?? false;
      this.rebuild(session, isWanted);
    }
  }

  #beginRebuilds(): void {
    const endOf = (sessionId: string) => this.sessions.get(sessionId)?.feed.end ?? 0;
    while (this.#isUp) {
      const next = nextRebuild(this.#waiting, this.#running.size, endOf);
      if (!next) return;
      this.#waiting.splice(this.#waiting.indexOf(next), 1);
      this.#running.set(next.sessionId, next);
      void this.#rebuild(next);
    }
  }

  async #rebuild(rebuild: RunningRebuild): Promise<void> {
    const { session, sessionId } = rebuild;
    try {
      const attachment = { t: 'attach_state', sessionId, attachmentId: SCREEN_ATTACHMENT } as const;
      const state = await this.host.request<AttachState>(attachment);
      const sizes = await this.host.request<SizeMark[]>({ t: 'sizes', sessionId });
      const offset = await this.#startIn(sessionId, state);
      if (this.#running.get(sessionId) !== rebuild) return; // it was dropped, or begun anew
      const { cols, rows, changes } = sizesFrom([...sizes, ...rebuild.resizes], offset, session);
      const signalFrom = this.#heard(session, state.end);
      const answerFrom = state.writtenSeq;
      this.#screens.tell({ t: 'open', sessionId, offset, answerFrom, signalFrom, cols, rows });
      for (const change of changes) this.#screens.tell({ t: 'resize', sessionId, ...change });
      const appearance = this.#appearances.get(sessionId);
      if (appearance) this.#screens.tell({ t: 'appearance', sessionId, appearance });
      rebuild.target = state.end;
      this.#follow(session, offset);
      if (offset >= state.end) this.#done(rebuild);
    } catch (error) {
      this.log.error({ err: error, session: sessionId }, 'the screen could not be rebuilt');
      this.#done(rebuild);
    }
  }

  async #startIn(sessionId: string, { start, end }: AttachState): Promise<number> {
    const offset = Math.max(start, end - REBUILD_BYTES);
    if (offset === 0) return 0;
    return offset + bytesToSkip(await this.host.requestBytes({ t: 'read', sessionId, from: offset }));
  }

  #fed(sessionId: string, offset: number): void {
    const session = this.sessions.get(sessionId);
    session?.screen?.ack(offset);
    if (session) this.#heard(session, offset, true);
    const rebuild = this.#running.get(sessionId);
    if (rebuild && offset >= rebuild.target) this.#done(rebuild);
  }

  #done(rebuild: RunningRebuild): void {
    if (this.#running.get(rebuild.sessionId) === rebuild) this.#running.delete(rebuild.sessionId);
    rebuild.done.resolve();
    this.#beginRebuilds();
  }

  #forget(sessionId: string): void {
    const rebuild = this.#find(sessionId);
    if (!rebuild) return;
    this.#running.delete(sessionId);
    this.#waiting = this.#waiting.filter((other) => other !== rebuild);
    rebuild.done.resolve();
  }

  #follow(session: LiveSession, from: number): void {
    session.screen?.close();
    const { id: sessionId } = session;
    session.screen = session.feed.addReader(
      from,
      {
        onOutput: (bytes, offset) => this.#screens.tell({ t: 'feed', sessionId, offset }, bytes),
        onExit: () => undefined,
        onPruned: () => this.rebuild(session),
      },
      true,
    );
  }

  /** Everything before the offset in the answer was heard; of a session that was never heard here, everything up to `offset`. */
  #heard({ id, incarnation }: LiveSession, offset: number, isFed = false): number {
    const known = this.#heardTo.get(id);
    const isKnown = known?.incarnation === incarnation;
    const heardTo = !isKnown ? offset : isFed ? Math.max(known.offset, offset) : known.offset;
    this.#heardTo.set(id, { incarnation, offset: heardTo });
    return heardTo;
  }

  #signal(heard: HeardAt): void {
    const session = this.sessions.get(heard.sessionId);
    if (session) this.onSignal(session, heard);
  }

  #answer(sessionId: string, offset: number, bytes: Uint8Array): void {
    this.host.tell({ t: 'input', sessionId, attachmentId: SCREEN_ATTACHMENT, seq: offset }, bytes);
  }
}
