/** Hears in a session's output what its program tells the person: bells, notifications, the ends of long commands. */
import type { IMarker, Terminal } from '@xterm/headless';
import {
  heavier,
  isHeavier,
  LONG_COMMAND_MS,
  MAX_SIGNAL_TEXT_CHARS,
  type HeardSignal,
} from '../../protocol/attention.ts';
import { parseOsc133, parseOsc633, type ShellMark } from '../../protocol/shellMarks.ts';
import { KittyNotifications } from './kittyNotifications.ts';
import { isPlea, kindOfBell } from './needs.ts';
import { parseOsc777, parseOsc9, type Notification } from './notifications.ts';

/** What one piece of output said. */
export interface Heard {
  /** The heaviest of it. */
  signal: HeardSignal | null;
  /** Names of notifications that the program takes back. */
  closed: string[];
}

interface RunningCommand {
  text: string | null;
  /** Null when its beginning was not seen as it happened. */
  startedAt: number | null;
}

/** More than these within so long a time are a fault of the program, or an attack, and are dropped. */
const MAX_NOTIFICATIONS = 10;
const WINDOW_MS = 10_000;
/** A program that rings without end rings this often. */
const BELL_GAP_MS = 2_000;
const MAX_CLOSED = 8;

export class SignalEar {
  #kitty = new KittyNotifications();
  #heard: HeardSignal | null = null;
  #closed: string[] = [];
  #told: number[] = [];
  #rangAt = -Infinity;
  #typed: { marker: IMarker; x: number } | null = null;
  /** Said before the command begins. */
  #said: string | null = null;
  #running: RunningCommand | null = null;
  #hooks: { dispose(): void }[];

  /** @param isNews whether what is parsed now is printed now, and not drawn again from a log */
  constructor(
    private readonly terminal: Terminal,
    private readonly isNews: () => boolean,
    private readonly now: () => number = Date.now,
  ) {
    const { parser } = terminal;
    // Whoever else listens to these is to hear them too.
    const on = (code: number, take: (data: string) => void) =>
      parser.registerOscHandler(code, (data) => {
        take(data);
        return false;
      });
    this.#hooks = [
      terminal.onBell(() => this.#bell()),
      on(9, (data) => this.#notify(parseOsc9(data))),
      on(777, (data) => this.#notify(parseOsc777(data))),
      on(99, (data) => this.#kittySays(data)),
      on(133, (data) => this.#mark(parseOsc133(data))),
      on(633, (data) => this.#mark(parseOsc633(data))),
      parser.registerEscHandler({ final: 'c' }, () => this.#forget()),
    ];
  }

  /** What was heard since the last time, which is forgotten. */
  take(): Heard | null {
    if (!this.#heard && this.#closed.length === 0) return null;
    const heard = { signal: this.#heard, closed: this.#closed };
    this.#heard = null;
    this.#closed = [];
    return heard;
  }

  dispose(): void {
    for (const hook of this.#hooks) hook.dispose();
  }

  #bell(): void {
    const now = this.now();
    if (now - this.#rangAt < BELL_GAP_MS) return;
    this.#rangAt = now;
    this.#hear({ ...kindOfBell(this.#running?.text ?? null), when: 'always', name: null });
  }

  #notify(notification: Notification | null): void {
    if (!notification || !this.#hasRoom()) return;
    const { title, body, when, id: name, urgency } = notification;
    const text = [title, body].filter(Boolean).join(': ');
    this.#hear({ kind: urgency === 'critical' || isPlea(text) ? 'needsInput' : 'notice', text, when, name });
  }

  #kittySays(data: string): void {
    const closed = this.#kitty.closes(data);
    if (closed === null) return this.#notify(this.#kitty.take(data));
    if (this.#heard?.name === closed) this.#heard = null;
    if (this.#closed.length < MAX_CLOSED) this.#closed.push(closed);
  }

  #hasRoom(): boolean {
    const now = this.now();
    this.#told = this.#told.filter((at) => now - at < WINDOW_MS);
    if (this.#told.length >= MAX_NOTIFICATIONS) return false;
    this.#told.push(now);
    return true;
  }

  #hear(heard: HeardSignal): void {
    const text = [...heard.text];
    const isLong = text.length > MAX_SIGNAL_TEXT_CHARS;
    const short = isLong ? `${text.slice(0, MAX_SIGNAL_TEXT_CHARS - 1).join('')}…` : heard.text;
    this.#heard = heavier(this.#heard, { ...heard, text: short });
  }

  /** A full-screen program has no prompts, whatever it prints. */
  #mark(mark: ShellMark | null): void {
    if (!mark || this.terminal.buffer.active.type !== 'normal') return;
    if (mark.kind === 'text') this.#said = mark.text;
    else if (mark.kind === 'prompt') this.#forget();
    else if (mark.kind === 'command') this.#typingBegins();
    else if (mark.kind === 'output') this.#begins(mark.text);
    else if (mark.kind === 'end') this.#ends(mark.exitCode);
  }

  #typingBegins(): void {
    this.#typed?.marker.dispose();
    const marker = this.terminal.registerMarker(0);
    this.#typed = marker ? { marker, x: this.terminal.buffer.active.cursorX } : null;
  }

  #begins(text: string | null): void {
    this.#running = {
      text: text ?? this.#said ?? this.#typedText(),
      startedAt: this.isNews() ? this.now() : null,
    };
  }

  #ends(exitCode: number | null): void {
    const running = this.#running;
    this.#running = null;
    if (!running || running.startedAt === null || this.now() - running.startedAt < LONG_COMMAND_MS) return;
    const name = running.text ?? 'A command';
    const isFailure = exitCode !== null && exitCode !== 0;
    const signal: Pick<HeardSignal, 'kind' | 'text'> = isFailure
      ? { kind: 'failed', text: `${name} failed (${exitCode})` }
      : { kind: 'done', text: `${name} is done` };
    // Of one moment the end of a command says more than the bell that some shells ring with it.
    if (this.#heard && isHeavier(signal.kind, this.#heard.kind)) this.#heard = null;
    this.#hear({ ...signal, when: 'always', name: null });
  }

  /** What stands between the end of the prompt and here; of several rows it would have the shell's own signs in it. */
  #typedText(): string | null {
    const { active } = this.terminal.buffer;
    const typed = this.#typed;
    if (!typed || typed.marker.isDisposed) return null;
    const last = active.baseY + active.cursorY - (active.cursorX === 0 ? 1 : 0);
    if (typed.marker.line !== last) return null;
    const text = active.getLine(typed.marker.line)?.translateToString(true, typed.x).trim();
    return text || null;
  }

  /** A new prompt, or a reset: what was known is of another command, or of another screen. */
  #forget(): false {
    this.#typed?.marker.dispose();
    this.#typed = null;
    this.#said = null;
    this.#running = null;
    return false;
  }
}
