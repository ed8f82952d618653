/** One open session on the screen: the terminal, its attachment, and what passes between them. Created and disposed by hand, never reactive. */
import { UnicodeGraphemesAddon } from '@xterm/addon-unicode-graphemes';
import '@xterm/xterm/css/xterm.css';
import './ligatures.css';
import { Terminal } from '@xterm/xterm';
import type { Attachment, AttachmentState, Held, Holdfast } from '../../client/types.ts';
import type { AppError } from '../../protocol/errors.ts';
import { InTurn } from '../../protocol/inTurn.ts';
import type { StoredScreen } from '../../protocol/sessions.ts';
import type { Exit } from '../../protocol/terminal.ts';
import { readScreen } from '../connection/offlineStore.ts';
import type { CachedScreen } from '../connection/offlineStore.ts';
import { appearanceOf } from './appearance.ts';
import type { WaitingInput } from './heldInput.ts';
import { claimKeptInput, keepInputOf } from './keptInput.ts';
import { changedTyping, noteTerminal } from './inView.ts';
import { shareKeys } from './keys.ts';
import { loadLinks, terminalFont, terminalOptions, type Drawing } from './look.ts';
import { FreshnessGate } from './freshness.ts';
import { ImageSink, loadImages } from './images.ts';
import { mendInverseText } from './inverseText.ts';
import { LigatureSwitch } from './ligatureSwitch.ts';
import { OutputFeed } from './outputFeed.ts';
import { isImageAnswer, QuerySilencer } from './queries.ts';
import { ScreenKeeper } from './screenKeeper.ts';
import { spareSelectionRedraws } from './selectionRedraws.ts';
import type { Size } from './size.ts';
import { Sizing } from './sizing.ts';
import { TerminalFeatures } from './terminalFeatures.ts';
import type { FeatureEvents } from './terminalFeatures.ts';
import type { TerminalLook } from './terminalLook.ts';
import { optionsOf, type TerminalSettings } from './terminalSettings.ts';
import { GpuDrawing } from './webgl.ts';

export interface ViewSettings extends Drawing {
  sessionId: string;
  shardId: string;
  /** Opened a moment ago by this window: everything is wanted from the first byte. */
  isNew: boolean;
  /** What it was opened with; empty when it is not known, or a shell. */
  command: readonly string[];
  /** Nobody would read what is typed. */
  isAtRest: boolean;
  /** Watches only: nothing is typed, nothing resized. */
  readOnly: boolean;
}

export interface ViewEvents extends FeatureEvents {
  /** Something is drawn, from the cache or from the server. */
  drawn: () => void;
  state: (state: AttachmentState, error?: AppError) => void;
  exited: (exit: Exit) => void;
  skipped: (bytes: number) => void;
  title: (title: string) => void;
  input: (waiting: WaitingInput) => void;
  /** So many bytes that were typed will never arrive. */
  inputLost: (bytes: number) => void;
  /** Drawn at another window's size, or at its own (null). */
  foreign: (pty: Size | null) => void;
  refused: (error: unknown) => void;
}

export class TerminalView {
  readonly terminal: Terminal;
  readonly features: TerminalFeatures;
  #settings: ViewSettings;
  #events: ViewEvents;
  /** Where output goes: it waits there while the add-on for images comes. */
  #sink: ImageSink;
  #gate: FreshnessGate;
  #silencer: QuerySilencer;
  #sizing: Sizing;
  #keeper: ScreenKeeper;
  #gpu: GpuDrawing;
  #ligatures: LigatureSwitch;
  #feed: OutputFeed | null = null;
  #attachment: Attachment | null = null;
  #holdfast: Holdfast | null = null;
  #look: TerminalLook;
  #ptySize: Size | null = null;
  #pendingBytes = 0;
  #held: Held | null = null;
  #stopKeeping: () => void = () => {};
  #leaveView: () => void;
  #stopKeys: () => void;
  #snapshotSize: Size | null = null;
  /** The one that what is drawn belongs to; the attachment may already know of the next. */
  #incarnation = 1;
  #isAtRest: boolean;
  #isDisposed = false;
  /** Typed before there was an attachment to write to. */
  #early: (string | Uint8Array)[] = [];

  /** Loads the font first, because the size of a cell is measured once. */
  static async create(host: HTMLElement, settings: ViewSettings, events: ViewEvents, client: Promise<Holdfast>) {
    const cached = readScreen(settings.sessionId);
    await terminalFont();
    if (!host.isConnected) return null;
    const view = new TerminalView(host, settings, events);
    view.#draw(await cached);
    void view.#attach(client, await cached);
    return view;
  }

  private constructor(host: HTMLElement, settings: ViewSettings, events: ViewEvents) {
    this.#settings = settings;
    this.#look = settings.look;
    this.#events = events;
    this.#isAtRest = settings.isAtRest;
    this.terminal = new Terminal(terminalOptions(settings));
    // Before anything is written: a kept screen is drawn at once, and its emoji are as wide as they were.
    this.terminal.loadAddon(new UnicodeGraphemesAddon());
    this.#sink = new ImageSink(new InTurn(this.terminal), () => loadImages(this.terminal));
    this.#gate = new FreshnessGate(this.#sink);
    this.#silencer = new QuerySilencer(this.terminal.parser);
    this.#keeper = new ScreenKeeper(
      this.terminal,
      settings.sessionId,
      () => this.#position(),
      () => this.features.marks.keep(true),
    );
    this.terminal.open(host);
    spareSelectionRedraws(this.terminal);
    mendInverseText(this.terminal);
    this.#sizing = new Sizing(this.terminal, this.#sink, host, {
      use: (size) => this.#useSize(size),
      view: (visible, size) => this.#attachment?.setView({ visible, ...(size ? { size } : {}) }),
      foreign: events.foreign,
    });
    this.#gpu = new GpuDrawing(this.terminal, host);
    this.#ligatures = new LigatureSwitch(this.terminal);
    void this.#ligatures.set(settings.settings.ligatures);
    this.features = new TerminalFeatures(this.terminal, host, this.#gate, settings, events);
    this.#stopKeys = shareKeys(this.terminal, host, (event) => this.#key(event));
    this.#leaveView = noteTerminal(settings.sessionId, this.terminal, host);
    this.terminal.onData((data) => this.#typed(data));
    this.terminal.onBinary((data) => this.#typed(Uint8Array.from(data, (char) => char.charCodeAt(0))));
    this.terminal.onTitleChange(events.title);
    this.#allowTyping();
    this.terminal.textarea?.setAttribute('aria-description', 'Press F6 to leave the terminal');
    void loadLinks(this.terminal, this.features);
  }

  show(isVisible: boolean): void {
    this.#sizing.show(isVisible);
    if (isVisible) void this.#gpu.start();
    else this.#gpu.stop();
  }

  /** The pty takes the size of this window. */
  takeOver(): void {
    this.#sizing.takeOver();
    this.terminal.focus();
  }

  focus(): void {
    this.terminal.focus();
  }

  setSettings(settings: TerminalSettings): void {
    const { fontFamily } = this.terminal.options;
    Object.assign(this.terminal.options, optionsOf(settings));
    if (this.terminal.options.fontFamily !== fontFamily) this.#fitCells();
    void this.#ligatures.set(settings.ligatures);
  }

  setLook(look: TerminalLook): void {
    this.terminal.options.theme = look.colors;
    this.terminal.options.minimumContrastRatio = look.contrast;
    this.#look = look;
    this.features.setLook(look);
    this.#tellAppearance();
  }

  /** An act of the person: the pty follows. */
  setFontSize(px: number): void {
    this.terminal.options.fontSize = px;
    this.#fitCells(true);
  }

  #fitCells(isAct = false): void {
    this.#sizing.fit(isAct);
    // Once more when it is drawn: until then a cell may be measured as it was.
    requestAnimationFrame(() => this.#isDisposed || (this.#sizing.fit(isAct), this.#tellAppearance()));
  }

  setScreenReader(isOn: boolean): void {
    this.terminal.options.screenReaderMode = isOn;
  }

  /** Of the attachment; 0 before there is one. */
  get incarnation(): number {
    return this.#attachment?.incarnation ?? 0;
  }

  get pendingBytes(): number {
    return this.#attachment?.pendingBytes ?? 0;
  }

  setAtRest(isAtRest: boolean): void {
    this.#isAtRest = isAtRest;
    this.#allowTyping();
  }

  /** What is drawn is older than what the server kept. */
  isBehind({ incarnation, offset }: StoredScreen): boolean {
    const drawn = this.#position();
    if (!drawn || incarnation !== drawn.incarnation) return incarnation > this.#incarnation;
    return offset > drawn.offset;
  }

  /** The screen that the server kept, while nothing else is drawn. What the server sends later replaces all of it. */
  drawStored({ cols, rows, screen }: StoredScreen): void {
    this.#gate.drawsAgain();
    this.#sizing.adopt({ cols, rows });
    this.#sink.write(screen, this.#events.drawn);
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#keeper.dispose();
    this.#stopKeeping();
    this.#leaveView();
    this.#stopKeys();
    this.#attachment?.detach();
    this.#pendingBytes = 0;
    this.#tellInput();
    this.#sizing.dispose();
    this.#gpu.dispose();
    void this.#ligatures.set(false);
    this.features.dispose();
    this.#silencer.dispose();
    this.terminal.dispose();
  }

  /** The last screen, before any network. */
  #draw(cached: CachedScreen | undefined): void {
    this.#feed = new OutputFeed(this.#sink, cached?.offset ?? 0, (received) => this.#parsed(received));
    if (!cached) return;
    this.#incarnation = cached.incarnation;
    this.#sizing.adopt(cached);
    this.#sink.write(cached.content, this.#events.drawn);
  }

  async #attach(client: Promise<Holdfast>, cached: CachedScreen | undefined): Promise<void> {
    const { sessionId, shardId, isNew, readOnly } = this.#settings;
    const [holdfast, kept] = [await client, readOnly ? null : await claimKeptInput(sessionId)];
    if (this.#isDisposed) return;
    const { pane } = this.#sizing;
    this.#holdfast = holdfast;
    this.#tellAppearance();
    const from = cached ? { from: cached.offset, incarnation: cached.incarnation } : isNew ? { from: 0 } : {};
    this.#attachment = holdfast.sessions.attachTo(
      { id: sessionId, shardId },
      {
        ...from,
        ...(kept ? { kept } : {}),
        ...(pane ? { size: pane } : {}),
        visible: this.#sizing.isVisible,
        readOnly,
        manualAck: true,
        onAttached: ({ incarnation, end }) => this.#gate.attached(incarnation, end, isNew),
        onOutput: (bytes, offset) => this.#gate.output(bytes, offset, (part, at) => this.#feed?.output(part, at)),
        onSnapshot: (bytes, offset, skippedBytes) => this.#snapshot(bytes, offset, skippedBytes),
        onHistory: (bytes, offset) => this.#history(bytes, offset),
        onExit: (exit) => this.#events.exited(exit),
        onState: (state, error) => this.#stateChanged(state, error),
        onResized: ({ cols, rows, isInControl }) => this.#resized({ cols, rows }, isInControl),
        onPending: (bytes) => (this.#pendingBytes = bytes),
        onHeld: (held) => {
          this.#held = held;
          this.#tellInput();
        },
        onInputLost: this.#events.inputLost,
      },
    );
    this.#stopKeeping = keepInputOf(sessionId, () => this.#attachment?.keepInput() ?? null);
    for (const data of this.#early.splice(0)) this.#typed(data);
  }

  /** A snapshot is drawn at the size it was taken at, and fitted to the pane afterwards. */
  #snapshot(bytes: Uint8Array, offset: number, skippedBytes: number): void {
    this.#gate.drawsAgain();
    this.#snapshotSize = this.#ptySize;
    if (this.#ptySize) this.#sizing.adopt(this.#ptySize);
    this.#feed?.snapshot(bytes, offset);
    this.#sizing.fit();
    if (skippedBytes > 0) this.#events.skipped(skippedBytes);
  }

  /** Drawn for the same size as the snapshot, whatever the pane has made of it since. */
  #history(bytes: Uint8Array, offset: number): void {
    this.#gate.drawsAgain();
    if (this.#snapshotSize) this.#sizing.adopt(this.#snapshotSize);
    this.#feed?.history(bytes, offset);
    this.#sizing.fit();
  }

  #stateChanged(state: AttachmentState, error?: AppError): void {
    this.#allowTyping();
    this.#events.state(state, error);
  }

  #allowTyping(): void {
    const state = this.#attachment?.state;
    const isOver = this.#isAtRest || state === 'exited' || state === 'ended';
    this.terminal.options.disableStdin = this.#settings.readOnly || isOver;
  }

  #useSize(size: Size): void {
    if (this.#settings.readOnly) return;
    this.#attachment?.resize(size.cols, size.rows).catch(() => {}); // told again with the next attachment
  }

  #tellAppearance(): void {
    this.#holdfast?.setAppearance(appearanceOf(this.terminal, this.#look));
  }

  #resized(size: Size, isInControl: boolean): void {
    this.#ptySize = size;
    this.#sizing.heard(size, isInControl);
  }

  #tellInput(): void {
    const send = () => this.#attachment?.sendHeld();
    const drop = () => void this.#attachment?.dropHeld();
    this.#events.input({ pendingBytes: this.#pendingBytes, held: this.#held, send, drop });
  }

  #parsed(received: number): void {
    this.#attachment?.ack(received);
    this.#incarnation = this.#attachment?.incarnation ?? this.#incarnation;
    this.#keeper.changed();
    this.#events.drawn();
  }

  /** A key of the program's. @returns false when that was all that is done with it */
  #key(event: KeyboardEvent): boolean {
    const newline = this.features.newline(event);
    if (newline === null || this.terminal.options.disableStdin) return true;
    event.preventDefault(); // or the browser would send a keypress, and Enter with it
    this.terminal.input(newline);
    return false;
  }

  /** Only what a person did: an answer of the parser is not sent. */
  #typed(data: string | Uint8Array): void {
    if (this.#silencer.isMuted || isImageAnswer(data)) return;
    // Where the focus was while nobody could hear it is of no use later.
    if (isFocusReport(data) && this.#attachment?.state !== 'live') return;
    if (!this.#attachment) return void this.#early.push(data);
    try {
      this.#attachment.write(typeof data === 'string' ? changedTyping(data) : data);
    } catch (error) {
      this.#events.refused(error);
    }
  }

  #position() {
    return this.#feed && { incarnation: this.#incarnation, offset: this.#feed.parsedOffset };
  }
}

function isFocusReport(data: string | Uint8Array): boolean {
  return data === '\x1b[I' || data === '\x1b[O';
}
