/**
 * The commands that a shell has marked in a terminal: where they are, what they were, how they ended. Made from what is
 * parsed, so a replay makes them again; a snapshot has none, and then nothing is claimed but what was kept beside it.
 */
import type { IDisposable, IMarker, Terminal } from '@xterm/xterm';
import { parseOsc133, parseOsc633, parseOsc7, parseOsc9Cwd } from '../../protocol/shellMarks.ts';
import type { ShellMark } from '../../protocol/shellMarks.ts';
import { textBetween } from './bufferText.ts';
import type { Place } from './bufferText.ts';
import type { ShellState } from './shellState.ts';
import { keptMarks, MAX_KEPT_COMMANDS, type KeptCommand, type KeptMarks } from './keptMarks.ts';

export interface MarkedCommand {
  prompt: IMarker;
  /** Where the command is typed. */
  typed: { marker: IMarker; x: number } | null;
  text: string | null;
  output: IMarker | null;
  /** When its output began; null when that was not seen as it happened. */
  startedAt: number | null;
  /** `x` is 0 unless the output's last line was not ended. */
  end: { marker: IMarker; x: number } | null;
  exitCode: number | null;
  durationMs: number | null;
}

export interface MarkEvents {
  shell(state: ShellState): void;
  /** It ran and has ended: to be shown beside it, and told when it is news. */
  ended(command: MarkedCommand): void;
}

const MAX_COMMANDS = 1_000;
const UNKNOWN: ShellState = { cwd: null, isRunning: false, isAtPrompt: false, command: null, exitCode: null };

export class CommandMarks {
  #terminal: Terminal;
  #isLive: () => boolean;
  #now: () => number;
  #events: MarkEvents;
  #commands: MarkedCommand[] = [];
  #state = UNKNOWN;
  /** Said before the command begins. */
  #text: string | null = null;
  #hooks: IDisposable[];

  /** @param isLive whether what is parsed now is printed now: otherwise times would be those of the replay */
  constructor(terminal: Terminal, isLive: () => boolean, events: MarkEvents, now: () => number) {
    this.#terminal = terminal;
    this.#isLive = isLive;
    this.#events = events;
    this.#now = now;
    const { parser } = terminal;
    this.#hooks = [
      parser.registerOscHandler(133, (data) => this.#take(parseOsc133(data), true)),
      parser.registerOscHandler(633, (data) => this.#take(parseOsc633(data), true)),
      parser.registerOscHandler(7, (data) => this.#take(parseOsc7(data), true)),
      parser.registerOscHandler(9, (data) => this.#take(parseOsc9Cwd(data), false)),
      parser.registerEscHandler({ final: 'c' }, () => this.#forget()),
    ];
  }

  /** From the oldest that is still in the buffer. */
  get commands(): readonly MarkedCommand[] {
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

  /** To be given to `restore` when the screen as it is now has been drawn again. */
  keep(): KeptMarks {
    const bottom = this.#terminal.buffer.normal.length - 1;
    const lineOf = (marker: IMarker) => bottom - marker.line;
    const placeOf = (place: MarkedCommand['end']) => place && { line: lineOf(place.marker), x: place.x };
    const commands = this.#commands.slice(-MAX_KEPT_COMMANDS).map((command) => ({
      ...command,
      prompt: lineOf(command.prompt),
      typed: placeOf(command.typed),
      output: command.output && lineOf(command.output),
      end: placeOf(command.end),
    }));
    return keptMarks(this.#state, commands);
  }

  /** @param kept beside the picture that was just drawn; what was marked before it is forgotten by then */
  restore({ state, commands }: KeptMarks): void {
    // A terminal has marks only in the screen that is in sight.
    if (this.#terminal.buffer.active.type === 'normal') for (const command of commands) this.#restoreOne(command);
    this.#set(state);
  }

  dispose(): void {
    for (const hook of this.#hooks) hook.dispose();
  }

  #restoreOne(kept: KeptCommand): void {
    const prompt = this.#markAt(kept.prompt);
    if (!prompt) return;
    const placeOf = (place: KeptCommand['end']) => {
      const marker = place && this.#markAt(place.line);
      return marker ? { marker, x: place.x } : null;
    };
    const output = kept.output === null ? null : this.#markAt(kept.output);
    const command = { ...kept, prompt, typed: placeOf(kept.typed), output, end: placeOf(kept.end) };
    this.#add(command);
    if (command.end) this.#events.ended(command);
  }

  /** @param fromBottom of a line that may have been too much to be drawn */
  #markAt(fromBottom: number): IMarker | null {
    const { length, baseY, cursorY } = this.#terminal.buffer.normal;
    const line = length - 1 - fromBottom;
    return line < 0 ? null : (this.#terminal.registerMarker(line - baseY - cursorY) ?? null);
  }

  #add(command: MarkedCommand): void {
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
    const command = { prompt, typed, output, end, text: null, startedAt: null, exitCode: null, durationMs: null };
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
  #open(): MarkedCommand | undefined {
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

  #mark(): IMarker | null {
    return this.#terminal.registerMarker(0) ?? null;
  }

  #cursor(): Place {
    const { baseY, cursorX, cursorY } = this.#terminal.buffer.normal;
    return { line: baseY + cursorY, x: cursorX };
  }

  #remove(command: MarkedCommand): void {
    const at = this.#commands.indexOf(command);
    if (at < 0) return;
    this.#commands.splice(at, 1);
    for (const marker of [command.prompt, command.typed?.marker, command.output, command.end?.marker])
      marker?.dispose();
  }

  /** A reset, which every snapshot begins with: what was known is of another screen. */
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
