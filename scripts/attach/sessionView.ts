/** One session in the local terminal, from the first picture to the way out. */
import type {
  Attachment,
  AttachmentState,
  AttachOptions,
  ConnectionStatus,
  Held,
  Holdfast,
} from '../../client/types.ts';
import { type AppError } from '../../protocol/errors.ts';
import type { Exit } from '../../protocol/terminal.ts';
import { bannerSequence, bannerText } from './banner.ts';
import { DetachKeys, type DetachKey } from './detachKey.ts';
import { keysIn } from './keyboard.ts';
import type { LocalTerminal } from './localTerminal.ts';
import { Mirror } from './mirror.ts';
import { OutputFilter } from './outputFilter.ts';

/** How a session left the terminal. */
export type Outcome =
  | { kind: 'detached' }
  | { kind: 'exited'; exit: Exit }
  | { kind: 'refused'; error: AppError }
  | { kind: 'signal'; name: NodeJS.Signals }
  /** The local terminal is gone. */
  | { kind: 'gone' };

export interface ViewOptions {
  isReadOnly: boolean;
  detachKey: DetachKey | null;
  /** Of the window, until the program sets its own. */
  title: string;
}

/** A second press of the detach key within this time sends it through. */
const SECOND_PRESS_MS = 500;
const BANNER_PERIOD_MS = 1_000;
/** RIS, with which a picture begins: it would clear the scrollback of the local terminal, so we make the screen plain ourselves. */
const RESET = '\x1bc';

export class SessionView {
  #filter = new OutputFilter();
  #mirror: Mirror;
  #keys: DetachKeys;
  #attachment: Attachment | undefined;
  #hf: Holdfast | undefined;
  #settle!: (outcome: Outcome) => void;
  readonly outcome = new Promise<Outcome>((resolve) => (this.#settle = resolve));
  /** What is to be written, one after the other; each piece is acknowledged when the terminal took it. */
  #written: Promise<void> = Promise.resolve();
  /** Resolves when the person has answered; output waits so long, because it would draw over the question. */
  #answered: Promise<void> = Promise.resolve();
  #answer: () => void = () => undefined;
  #isAsking = false;
  #isBegun = false;
  #isOver = false;
  #isBannerShown = false;
  #offlineSince: number | null = null;
  #connection: ConnectionStatus | undefined;
  #held: Held | null = null;
  #lostBytes = 0;
  #bannerTimer: NodeJS.Timeout;
  #pressTimer: NodeJS.Timeout | undefined;
  #stopListening: (() => void)[];

  constructor(
    private readonly terminal: LocalTerminal,
    private readonly options: ViewOptions,
  ) {
    this.#mirror = new Mirror(terminal.size);
    this.#keys = new DetachKeys(options.detachKey);
    this.#bannerTimer = setInterval(() => this.#showBanner(), BANNER_PERIOD_MS);
    this.#stopListening = [
      terminal.onTyped((bytes) => this.#onTyped(bytes)),
      terminal.onResize(() => this.#onResize()),
    ];
    terminal.onGone(() => this.end({ kind: 'gone' }));
  }

  /** Attaches, at the size of the terminal. Does not wait. */
  attach(hf: Holdfast, session: { id: string; shardId: string; cols: number; rows: number }): void {
    this.#hf = hf;
    const { isReadOnly } = this.options;
    const size = this.terminal.size;
    const start = (more: Partial<AttachOptions> = {}) =>
      (this.#attachment = hf.sessions.attachTo(session, { ...this.#handlers(), ...more }));
    if (isReadOnly) return void start({ readOnly: true });
    if (session.cols === size.cols && session.rows === size.rows) return void start({ size });
    // A picture comes in the size that the pty has when it is asked for: one attachment sets the size, the next one draws.
    const sizing = hf.sessions.attachTo(session, {
      size,
      visible: true,
      onOutput: () => undefined,
      onState: (state, error) => {
        if (state === 'ended' && error) this.end({ kind: 'refused', error });
        if (state === 'offline') this.#onState(state);
        if (state === 'exited') begin();
        if (state === 'live') void sizing.resize(size.cols, size.rows).then(begin, begin);
      },
    });
    let isBegun = false;
    const begin = () => {
      if (isBegun || this.#isOver) return;
      isBegun = true;
      start({
        size: this.terminal.size,
        onState: (state, error) => {
          this.#onState(state, error);
          if (state === 'live') sizing.detach(); // not before: the size would go back to another client's
        },
      });
    };
    this.#stopListening.push(() => sizing.detach());
  }

  onConnection(status: ConnectionStatus): void {
    this.#connection = status;
    // Whoever signed in by a token can do nothing about it here.
    if (status.state === 'signed_out' && status.error) this.end({ kind: 'refused', error: status.error });
  }

  /** Only the first outcome counts. */
  end(outcome: Outcome): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearInterval(this.#bannerTimer);
    clearTimeout(this.#pressTimer);
    for (const stop of this.#stopListening) stop();
    this.#answer();
    this.#attachment?.detach();
    this.#settle(outcome);
  }

  /** Makes the terminal what it was, with the cursor below what the session drew. */
  restoring(): string {
    if (!this.#isBegun) return '';
    const { use, isInString } = this.#filter;
    return `${use.reset(isInString)}\x1b[23;0t\x1b[${this.#mirror.lastRow};1H\r\n`;
  }

  /** After the process was stopped and goes on. */
  goOn(): void {
    this.terminal.enterRawAgain();
    this.#hf?.wake();
    this.#enqueue(() => this.#draw());
  }

  #handlers(): AttachOptions {
    return {
      manualAck: true,
      onOutput: (bytes, offset) => this.#enqueue(() => this.#output(bytes, offset + bytes.length)),
      onSnapshot: (bytes, offset) => this.#enqueue(() => this.#picture(bytes, offset)),
      onState: (state, error) => this.#onState(state, error),
      onExit: (exit) => this.#enqueue(() => Promise.resolve(this.end({ kind: 'exited', exit }))),
      onHeld: (held) => this.#onHeld(held),
      onInputLost: (bytes) => {
        this.#lostBytes += bytes;
        this.#showBanner();
      },
    };
  }

  #enqueue(work: () => Promise<void>): void {
    this.#written = this.#written.then(() => this.#answered).then(() => (this.#isOver ? undefined : work()));
  }

  async #output(bytes: Uint8Array, end: number): Promise<void> {
    if (!this.#isBegun) await this.#begin();
    await Promise.all([this.terminal.write(this.#filter.take(bytes)), this.#mirror.feed(bytes)]);
    this.#attachment?.ack(end);
  }

  async #picture(bytes: Uint8Array, offset: number): Promise<void> {
    if (!this.#isBegun) await this.#begin();
    const text = Buffer.from(bytes);
    const isReset = text.subarray(0, RESET.length).toString('latin1') === RESET;
    const plain = this.#filter.use.reset(this.#filter.isInString);
    this.#filter.restart();
    const drawn = this.#filter.take(isReset ? text.subarray(RESET.length) : text);
    await Promise.all([
      this.terminal.write(`${plain}\x1b[H\x1b[J`),
      this.terminal.write(drawn),
      this.#mirror.feed(Buffer.concat([Buffer.from(RESET), text])),
    ]);
    this.#attachment?.ack(offset);
  }

  /** Keeps the title and what stands on the screen: the one on the terminal's stack, the other in its scrollback. */
  async #begin(): Promise<void> {
    this.#isBegun = true;
    const { rows } = this.terminal.size;
    const title = `\x1b[22;0t\x1b]2;${this.options.title}\x1b\\`;
    await this.terminal.write(`${title}\x1b[${rows};1H${'\n'.repeat(rows)}\x1b[H`);
  }

  async #draw(): Promise<void> {
    this.#isBannerShown = false;
    if (!this.#isBegun || this.#filter.isInString) return;
    // In one frame where the terminal knows them; others flicker once.
    const screen = `${this.#filter.use.plainDrawing()}${this.#mirror.screen()}`;
    await this.terminal.write(`\x1b[?2026h${screen}\x1b[?2026l`);
  }

  #onState(state: AttachmentState, error?: AppError): void {
    if (state === 'ended') {
      if (error) this.end({ kind: 'refused', error });
      return;
    }
    const isOffline = state === 'offline' || state === 'attaching';
    this.#offlineSince = isOffline ? (this.#offlineSince ?? Date.now()) : null;
    if (!isOffline) this.#showBanner();
  }

  #onHeld(held: Held | null): void {
    this.#held = held;
    const isAsking = held?.isAsking ?? false;
    if (isAsking && !this.#isAsking) this.#answered = new Promise((resolve) => (this.#answer = resolve));
    if (!isAsking) this.#answer();
    const hasChanged = isAsking !== this.#isAsking;
    this.#isAsking = isAsking;
    if (hasChanged) this.#showBanner();
  }

  #onTyped(bytes: Uint8Array): void {
    clearTimeout(this.#pressTimer);
    this.#hf?.tryNow(); // somebody is waiting
    const typed = this.#keys.take(bytes);
    if (this.#isAsking) this.#onAnswer(typed.bytes);
    else if (!this.options.isReadOnly) this.#send(typed.bytes);
    if (typed.isDetached) return this.end({ kind: 'detached' });
    if (this.#keys.isPressed) {
      this.#pressTimer = setTimeout(() => this.end({ kind: 'detached' }), SECOND_PRESS_MS);
    }
  }

  #send(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    // Nothing is shown yet, so it cannot be meant for the program.
    if (!this.#isBegun && keysIn(bytes).includes('interrupt')) return this.end({ kind: 'signal', name: 'SIGINT' });
    if (this.#lostBytes > 0) {
      this.#lostBytes = 0;
      this.#showBanner();
    }
    try {
      this.#attachment?.write(bytes);
    } catch {
      void this.terminal.write('\x07'); // no more fits, or the program has ended
    }
  }

  #onAnswer(bytes: Uint8Array): void {
    for (const key of keysIn(bytes)) {
      if (key === 'enter') return this.#attachment?.sendHeld();
      if (key === 'escape' || key === 'interrupt') return void this.#attachment?.dropHeld();
    }
  }

  #onResize(): void {
    const { size } = this.terminal;
    this.#mirror.resize(size);
    if (!this.options.isReadOnly) void this.#attachment?.resize(size.cols, size.rows).catch(() => undefined);
    if (this.#isBannerShown) this.#showBanner();
  }

  /** Shows what there is to say, or takes away what was said. */
  #showBanner(): void {
    if (this.#isOver) return;
    const facts = {
      offlineSince: this.#offlineSince,
      connection: this.#connection,
      held: this.#held,
      lostBytes: this.#lostBytes,
      detachKey: this.options.detachKey?.name,
    };
    const text = bannerText(facts, Date.now());
    if (!this.#isBegun) {
      // Still on the line that says what is being attached to.
      if (text !== null) void this.terminal.write(`\r\x1b[K${text.slice(0, this.terminal.size.cols - 1)}`);
    } else if (text === null) {
      if (this.#isBannerShown) this.#enqueue(() => this.#draw());
    } else if (!this.#filter.isInString) {
      this.#isBannerShown = true;
      void this.terminal.write(bannerSequence(text, this.terminal.size));
    }
  }
}
