/** What a program tells the person beside its text: bells, notifications, progress. Whoever shows them decides how; nothing is told twice. */
import type { IDisposable, Terminal } from '@xterm/xterm';
import type { FreshnessGate } from './freshness.ts';
import { KittyNotifications } from './kittyNotifications.ts';
import { isSameProgress, parseOsc777, parseOsc9, parseProgress } from './notifications.ts';
import type { Notification, Progress } from './notifications.ts';

export type Signal =
  | { kind: 'bell' }
  | ({ kind: 'notification' } & Notification)
  /** Only where the shell marks its commands. */
  | { kind: 'commandEnded'; command: string | null; exitCode: number | null; durationMs: number | null };

/** `isLate`: it came while this window had no connection, some time ago. */
export type TerminalSignal = Signal & { isLate: boolean };

export interface SignalEvents {
  signal(signal: TerminalSignal): void;
  /** Null: there is none, or none any more. It is a state, and told from old output too. */
  progress(progress: Progress | null): void;
}

/** More notifications than these within so long a time are a fault of the program, or an attack, and are dropped. */
const MAX_NOTIFICATIONS = 10;
const WINDOW_MS = 10_000;

export class Signals {
  #events: SignalEvents;
  #gate: Pick<FreshnessGate, 'now'>;
  #now: () => number;
  #kitty = new KittyNotifications();
  #progress: Progress | null = null;
  #isBellDue = false;
  #told: number[] = [];
  #hooks: IDisposable[];

  constructor(
    terminal: Pick<Terminal, 'parser' | 'onBell'>,
    gate: Pick<FreshnessGate, 'now'>,
    events: SignalEvents,
    now: () => number,
  ) {
    this.#gate = gate;
    this.#events = events;
    this.#now = now;
    const { parser } = terminal;
    this.#hooks = [
      terminal.onBell(() => this.#bell()),
      parser.registerOscHandler(9, (data) => this.#osc9(data)),
      parser.registerOscHandler(777, (data) => this.#notify(parseOsc777(data))),
      parser.registerOscHandler(99, (data) => this.#notify(this.#kitty.take(data))),
      parser.registerEscHandler({ final: 'c' }, () => this.#setProgress(null)),
    ];
  }

  tell(signal: Signal): void {
    if (this.#gate.now !== 'old') this.#events.signal({ ...signal, isLate: this.#gate.now === 'late' });
  }

  /** The command it belonged to has ended, whatever it left behind. */
  endProgress(): void {
    this.#setProgress(null);
  }

  dispose(): void {
    for (const hook of this.#hooks) hook.dispose();
  }

  #osc9(data: string): boolean {
    const progress = parseProgress(data);
    if (progress === undefined) return this.#notify(parseOsc9(data));
    this.#setProgress(progress);
    return true;
  }

  #notify(notification: Notification | null): boolean {
    if (notification && this.#gate.now !== 'old' && this.#hasRoom())
      this.tell({ kind: 'notification', ...notification });
    return true;
  }

  #hasRoom(): boolean {
    const now = this.#now();
    this.#told = this.#told.filter((at) => now - at < WINDOW_MS);
    if (this.#told.length >= MAX_NOTIFICATIONS) return false;
    this.#told.push(now);
    return true;
  }

  /** A thousand bells in one piece of output are one. */
  #bell(): void {
    if (this.#isBellDue || this.#gate.now === 'old') return;
    this.#isBellDue = true;
    queueMicrotask(() => (this.#isBellDue = false));
    this.tell({ kind: 'bell' });
  }

  #setProgress(progress: Progress | null): false {
    if (!isSameProgress(progress, this.#progress)) {
      this.#progress = progress;
      this.#events.progress(progress);
    }
    return false;
  }
}
