/** What a terminal can do beside showing its program: marks, progress, search, links, images, copying, put together once. */
import type { IDisposable, IMarker, IViewportRange, Terminal } from '@xterm/xterm';
import { textBetween } from '../../protocol/bufferText.ts';
import { ClipboardWrites } from './clipboardWrites.ts';
import type { ClipboardRequest } from './clipboardWrites.ts';
import { CommandMarks } from '../../protocol/commandMarks.ts';
import type { MarkedCommand } from '../../protocol/commandMarks.ts';
import type { ShellState } from '../../protocol/shellState.ts';
import { CommandView } from './commandView.ts';
import type { Finder } from './finder.ts';
import type { FreshnessGate } from './freshness.ts';
import { followsAtOnce, linkOf, openLink } from './links.ts';
import type { Link } from './links.ts';
import { isAgent, isNewlineKey, KeyboardWishes, NEWLINE } from './newlineKey.ts';
import { leaveMiddleClick } from './middleClick.ts';
import { guardPaste } from './pasteGuard.ts';
import type { RiskyPaste } from './pasteGuard.ts';
import { ProgressWatch } from './progress.ts';
import type { Progress } from './progress.ts';
import type { TerminalLook } from './terminalLook.ts';

export interface FeatureEvents {
  /** Null: there is none, or none any more. */
  progress: (progress: Progress | null) => void;
  shell: (state: ShellState) => void;
  /** A program wants the clipboard. */
  clipboard: (request: ClipboardRequest) => void;
  /** To be asked for, because of what it is or how it was clicked. */
  link: (link: Link) => void;
  /** Under the mouse; null when it is under none any more, or must not be followed. */
  linkHovered: (link: Link | null) => void;
  riskyPaste: (paste: RiskyPaste) => void;
}

export class TerminalFeatures {
  readonly marks: CommandMarks<IMarker>;
  readonly commands: CommandView;
  #terminal: Terminal;
  #look: TerminalLook;
  #finder: Finder | null = null;
  #events: FeatureEvents;
  #progress: ProgressWatch;
  #wishes: KeyboardWishes;
  #sessionCommand: readonly string[];
  #title = '';
  #parts: IDisposable[];
  #stopGuard: () => void;

  constructor(
    terminal: Terminal,
    host: HTMLElement,
    gate: FreshnessGate,
    settings: { look: TerminalLook; command: readonly string[] },
    events: FeatureEvents,
  ) {
    this.#terminal = terminal;
    this.#events = events;
    this.#sessionCommand = settings.command;
    const now = () => Date.now();
    this.#look = settings.look;
    this.#progress = new ProgressWatch(terminal, events.progress);
    const markEvents = { shell: events.shell, ended: (command: MarkedCommand<IMarker>) => this.#commandEnded(command) };
    this.marks = new CommandMarks(terminal, () => gate.now === 'live', markEvents, now);
    this.commands = new CommandView(terminal, () => this.marks.commands);
    this.#wishes = new KeyboardWishes(terminal.parser);
    const clipboard = new ClipboardWrites(terminal.parser, gate, events.clipboard);
    this.#parts = [this.#progress, this.marks, this.#wishes, clipboard];
    this.#parts.push(terminal.onTitleChange((title) => (this.#title = title)));
    const stops = [
      guardPaste(host, () => terminal.modes.bracketedPasteMode, events.riskyPaste),
      leaveMiddleClick(host, () => terminal.modes.mouseTrackingMode !== 'none'),
    ];
    this.#stopGuard = () => stops.forEach((stop) => stop());
    terminal.options.linkHandler = this.#linkHandler();
  }

  /** Its code comes with the first search. Null when the terminal is gone by then. */
  async finder(): Promise<Finder | null> {
    const { Finder } = await import('./finder.ts');
    if (!this.#terminal.element) return null;
    return (this.#finder ??= new Finder(this.#terminal, this.#look));
  }

  setLook(look: TerminalLook): void {
    this.#look = look;
    this.#finder?.setLook(look);
  }

  /** What Shift+Enter sends to an agent; null where it is the same as Enter. */
  newline(event: KeyboardEvent): string | null {
    if (event.type !== 'keydown' || !isNewlineKey(event)) return null;
    const { command, isAtPrompt } = this.marks.state;
    const reader = { sessionCommand: this.#sessionCommand, shellCommand: command, isAtPrompt, title: this.#title };
    return isAgent({ ...reader, wantsKeys: this.#wishes.wantsKeys }) ? NEWLINE : null;
  }

  /** @param range of a link that a program made (OSC 8): its text may be anything */
  followLink(event: MouseEvent, uri: string, range?: IViewportRange): void {
    const link = linkOf(uri, range && this.#textAt(range));
    if (link === null) return;
    if (followsAtOnce(event, link)) openLink(link);
    else this.#events.link(link);
  }

  hoverLink(uri: string): void {
    this.#events.linkHovered(linkOf(uri));
  }

  leaveLink(): void {
    this.#events.linkHovered(null);
  }

  /** Drops the lines above, as most terminals do; the program is told nothing. */
  clear(): void {
    if (this.#terminal.buffer.active.type === 'normal') this.#terminal.clear();
  }

  dispose(): void {
    this.#stopGuard();
    this.#finder?.close();
    for (const part of this.#parts) part.dispose();
  }

  #commandEnded(command: MarkedCommand<IMarker>): void {
    this.commands.badge(command);
    this.#progress.end();
  }

  #linkHandler() {
    return {
      allowNonHttpProtocols: false,
      activate: (event: MouseEvent, uri: string, range: IViewportRange) => this.followLink(event, uri, range),
      hover: (_: MouseEvent, uri: string) => this.hoverLink(uri),
      leave: () => this.leaveLink(),
    };
  }

  /** Counted from 1, the end included. */
  #textAt({ start, end }: IViewportRange): string {
    const from = { line: start.y - 1, x: start.x - 1 };
    return textBetween(this.#terminal.buffer.active, from, { line: end.y - 1, x: end.x });
  }
}
