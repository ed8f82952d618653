/**
 * The commands that a shell has marked in a terminal: where they are, what they were, how they ended. Made from what is
 * parsed, so a replay makes them again; of a picture of the screen nothing is claimed but what is kept in it.
 */
import { textBetween, type Place, type TextBuffer } from './bufferText.ts';
import { parseMarks, type KeptCommand, type KeptMarks } from './keptMarks.ts';
import { parseOsc133, parseOsc633, parseOsc7, parseOsc9Cwd, type ShellMark } from './shellMarks.ts';
import type { ShellState } from './shellState.ts';

interface Disposable {
  dispose(): void;
}

/** xterm.js's marker: a line, wherever it moves. */
export interface LineMark extends Disposable {
  readonly line: number;
  readonly isDisposed: boolean;
  onDispose(listener: () => void): unknown;
}

/** xterm.js with a display or without one. */
export interface MarkableTerminal<Mark extends LineMark> {
  readonly buffer: {
    readonly active: { readonly type: 'normal' | 'alternate' };
    readonly normal: TextBuffer & {
      readonly length: number;
      readonly baseY: number;
      readonly cursorX: number;
      readonly cursorY: number;
    };
  };
  readonly parser: {
    registerOscHandler(id: number, callback: (data: string) => boolean): Disposable;
    registerEscHandler(id: { final: string }, callback: () => boolean): Disposable;
  };
  registerMarker(cursorYOffset?: number): Mark | undefined;
}

export interface MarkedCommand<Mark extends LineMark = LineMark> {
  prompt: Mark;
  /** Where the command is typed. */
  typed: { marker: Mark; x: number } | null;
  text: string | null;
  output: Mark | null;
  /** When its output began; null when that was not seen as it happened. */
  startedAt: number | null;
  /** `x` is 0 unless the output's last line was not ended. */
  end: { marker: Mark; x: number } | null;
  exitCode: number | null;
  durationMs: number | null;
}

export interface MarkEvents<Mark extends LineMark> {
  shell(state: ShellState): void;
  /** It ran and has ended: to be shown beside it, and told when it is news. */
  ended(command: MarkedCommand<Mark>): void;
}

const MAX_COMMANDS = 1_000;
/** More than these are not gone back to in a picture. */
const MAX_KEPT_COMMANDS = 200;
const UNKNOWN: ShellState = { cwd: null, isRunning: false, isAtPrompt: false, command: null, exitCode: null };

export class CommandMarks<Mark extends LineMark = LineMark> {
  #terminal: MarkableTerminal<Mark>;
  #isLive: () => boolean;
  #now: () => number;
  #events: MarkEvents<Mark>;
  #commands: MarkedCommand<Mark>[] = [];
  #state = UNKNOWN;
  /** Said before the command begins. */
  #text: string | null = null;
  #hooks: Disposable[];

  /** @param isLive whether what is parsed now is printed now: otherwise times would be those of the replay */
  constructor(terminal: MarkableTerminal<Mark>, isLive: () => boolean, events: MarkEvents<Mark>, now: () => number) {
    this.#terminal = terminal;
    this.#isLive = isLive;
    this.#events = events;
    this.#now = now;
    const { parser } = terminal;
    this.#hooks = [
      parser.registerOscHandler(133, (data) => this.#take(parseOsc133(data), true)),
      parser.registerOscHandler(633, (data) => this.#restore(parseMarks(data)) || this.#take(parseOsc633(data), true)),
      parser.registerOscHandler(7, (data) => this.#take(parseOsc7(data), true)),
      parser.registerOscHandler(9, (data) => this.#take(parseOsc9Cwd(data), false)),
      parser.registerEscHandler({ final: 'c' }, () => this.#forget()),
    ];
  }

  /** From the oldest that is still in the buffer. */
  get commands(): readonly MarkedCommand<Mark>[] {
    return this.#commands;
  }

  get state(): ShellState {
    return this.#state;
  }

  /** The last command with output, which may still go on; null when none is known. */
  lastOutput(): string | null {
    const last = this.#commands.findLast((command) => command.output);
    return last ? this.outputOf(last) : null;
  }

  outputOf({ output, end }: MarkedCommand): string {
    const buffer = this.#terminal.buffer.normal;
    const to = end ? { line: end.marker.line, x: end.x } : this.#cursor();
    return textBetween(buffer, { line: output!.line, x: 0 }, to).trimEnd();
  }

  /**
   * For `marksSequence`, in a picture of the screen as it is now.
   * @param isOwnClock whether who reads it has our clock
   * @param lines so many from the bottom are drawn
   */
  keep(isOwnClock: boolean, lines = Infinity): KeptMarks {
    const now = this.#now();
    const commands = this.#commands
      .slice(-MAX_KEPT_COMMANDS)
      .map((command) => this.#kept(command, now))
      .filter(([promptLine]) => promptLine < lines);
    return { keptAt: isOwnClock ? now : null, state: this.#state, commands };
  }

  dispose(): void {
    for (const hook of this.#hooks) hook.dispose();
  }

  #kept(
    { prompt, typed, output, end, text, startedAt, exitCode, durationMs }: MarkedCommand,
    now: number,
  ): KeptCommand {
    const bottom = this.#terminal.buffer.normal.length - 1;
    const placeOf = (place: MarkedCommand['end']): [number, number] | null =>
      place && !place.marker.isDisposed ? [bottom - place.marker.line, place.x] : null;
    const outputLine = output && !output.isDisposed ? bottom - output.line : null;
    const ago = startedAt === null ? null : now - startedAt;
    return [bottom - prompt.line, placeOf(typed), outputLine, placeOf(end), text, ago, exitCode, durationMs];
  }

  /** What was marked before the picture is forgotten by then. */
  #restore(kept: KeptMarks | null): boolean {
    if (!kept) return false;
    const now = kept.keptAt ?? this.#now();
    // A terminal can be marked only in the screen that is in sight.
    if (this.#terminal.buffer.active.type === 'normal')
      for (const command of kept.commands) this.#restoreOne(command, now);
    this.#set(kept.state);
    return true;
  }

  #restoreOne(kept: KeptCommand, now: number): void {
    const [promptLine, typed, outputLine, end, text, ago, exitCode, durationMs] = kept;
    const prompt = this.#markAt(promptLine);
    if (!prompt) return;
    const placeOf = (place: [number, number] | null) => {
      const marker = place && this.#markAt(place[0]);
      return marker ? { marker, x: place[1] } : null;
    };
    const command: MarkedCommand<Mark> = {
      ...{ prompt, typed: placeOf(typed), end: placeOf(end), text, exitCode, durationMs },
      output: outputLine === null ? null : this.#markAt(outputLine),
      startedAt: ago === null ? null : now - ago,
    };
    this.#add(command);
    if (command.end) this.#events.ended(command);
  }

  /** @param fromBottom of a line that may have been too much to be drawn */
  #markAt(fromBottom: number): Mark | null {
    const { length, baseY, cursorY } = this.#terminal.buffer.normal;
    const line = length - 1 - fromBottom;
    return line < 0 ? null : (this.#terminal.registerMarker(line - baseY - cursorY) ?? null);
  }

  #add(command: MarkedCommand<Mark>): void {
    this.#commands.push(command);
    command.prompt.onDispose(() => this.#remove(command));
    if (this.#commands.length > MAX_COMMANDS) this.#remove(this.#commands[0]!);
  }

  #take(mark: ShellMark | null, isOurs: boolean): boolean {
    if (mark === null) return isOurs;
    if (mark.kind === 'cwd') this.#set({ cwd: mark.path });
    else if (mark.kind === 'text') this.#text = mark.text;
    else if (this.#terminal.buffer.active.type === 'normal') this.#place(mark);
    return true;
  }

  /** A full-screen program has no prompts, whatever it prints. */
  #place(mark: Exclude<ShellMark, { kind: 'cwd' | 'text' }>): void {
    if (mark.kind === 'prompt') this.#promptBegins();
    else if (mark.kind === 'command') this.#typingBegins();
    else if (mark.kind === 'output') this.#outputBegins(mark.text);
    else this.#ends(mark.exitCode);
  }

  #promptBegins(): void {
    const last = this.#commands.at(-1);
    if (last && !last.output) this.#remove(last); // drawn again, or nothing was typed
    const prompt = this.#mark();
    if (!prompt) return;
    const [typed, output, end] = [null, null, null];
    const command: MarkedCommand<Mark> = {
      ...{ prompt, typed, output, end, text: null, startedAt: null, exitCode: null, durationMs: null },
    };
    this.#add(command);
    this.#text = null;
    this.#set({ isRunning: false, isAtPrompt: true, command: null });
  }

  #typingBegins(): void {
    const [command, marker] = [this.#open(), this.#mark()];
    if (command && marker) command.typed = { marker, x: this.#cursor().x };
  }

  #outputBegins(text: string | null): void {
    const command = this.#open();
    if (!command) return;
    command.text = text ?? this.#text ?? this.#typedText(command);
    command.output = this.#mark();
    command.startedAt = this.#isLive() ? this.#now() : null;
    this.#set({ isRunning: true, isAtPrompt: false, command: command.text });
  }

  #ends(exitCode: number | null): void {
    const command = this.#commands.at(-1);
    this.#set({ isRunning: false, command: null, exitCode });
    const marker = command?.output && !command.end ? this.#mark() : null;
    if (!command || !marker) return;
    command.end = { marker, x: this.#cursor().x };
    command.exitCode = exitCode;
    command.durationMs = command.startedAt !== null && this.#isLive() ? this.#now() - command.startedAt : null;
    this.#events.ended(command);
  }

  /** The one whose output has not begun. */
  #open(): MarkedCommand<Mark> | undefined {
    const last = this.#commands.at(-1);
    return last?.output ? undefined : last;
  }

  /** What stands between the end of the prompt and here; of several lines it would have the shell's own signs in it. */
  #typedText({ typed }: MarkedCommand): string | null {
    if (!typed || typed.marker.isDisposed) return null;
    const start = { line: typed.marker.line, x: typed.x };
    const text = textBetween(this.#terminal.buffer.normal, start, this.#cursor()).trim();
    return text === '' || text.includes('\n') ? null : text;
  }

  #mark(): Mark | null {
    return this.#terminal.registerMarker(0) ?? null;
  }

  #cursor(): Place {
    const { baseY, cursorX, cursorY } = this.#terminal.buffer.normal;
    return { line: baseY + cursorY, x: cursorX };
  }

  #remove(command: MarkedCommand<Mark>): void {
    const at = this.#commands.indexOf(command);
    if (at < 0) return;
    this.#commands.splice(at, 1);
    for (const marker of [command.prompt, command.typed?.marker, command.output, command.end?.marker])
      marker?.dispose();
  }

  /** A reset, which every picture begins with: what was known is of another screen. */
  #forget(): false {
    for (const command of [...this.#commands]) this.#remove(command);
    this.#text = null;
    this.#set(UNKNOWN);
    return false;
  }

  #set(change: Partial<ShellState>): void {
    const next = { ...this.#state, ...change };
    const isSame = (Object.keys(next) as (keyof ShellState)[]).every((key) => next[key] === this.#state[key]);
    this.#state = next;
    if (!isSame) this.#events.shell(next);
  }
}
