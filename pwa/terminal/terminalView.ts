/** One open session on the screen: the terminal with all that belongs to it, and its attachment. Created and disposed by hand, never reactive. */
import { UnicodeGraphemesAddon } from '@xterm/addon-unicode-graphemes';
import '@xterm/xterm/css/xterm.css';
import './ligatures.css';
import { Terminal } from '@xterm/xterm';
import type { Attachment, AttachmentState, Holdfast } from '../../client/types.ts';
import type { AppError } from '../../protocol/errors.ts';
import { InTurn } from '../../protocol/inTurn.ts';
import type { StoredScreen } from '../../protocol/sessions.ts';
import type { Exit } from '../../protocol/terminal.ts';
import { readScreen } from '../connection/offlineStore.ts';
import type { CachedScreen } from '../connection/offlineStore.ts';
import { appearanceOf } from './appearance.ts';
import { claimKeptInput } from './keptInput.ts';
import { noteTerminal } from './inView.ts';
import { shareKeys } from './keys.ts';
import { loadLinks, terminalFont, terminalOptions, type Drawing } from './look.ts';
import { FreshnessGate } from './freshness.ts';
import { ImageSink, loadImages } from './images.ts';
import { mendInverseText } from './inverseText.ts';
import { LigatureSwitch } from './ligatureSwitch.ts';
import { QuerySilencer } from './queries.ts';
import { ScreenKeeper } from './screenKeeper.ts';
import { spareSelectionRedraws } from './selectionRedraws.ts';
import { SessionInput, type InputEvents } from './sessionInput.ts';
import { SessionOutput } from './sessionOutput.ts';
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

export interface ViewEvents extends FeatureEvents, InputEvents {
  /** Something is drawn, from the cache or from the server. */
  drawn: () => void;
  state: (state: AttachmentState, error?: AppError) => void;
  exited: (exit: Exit) => void;
  skipped: (bytes: number) => void;
  title: (title: string) => void;
  /** Drawn at another window's size, or at its own (null). */
  foreign: (pty: Size | null) => void;
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
  #output: SessionOutput;
  #input: SessionInput;
  #attachment: Attachment | null = null;
  #holdfast: Holdfast | null = null;
  #look: TerminalLook;
  #leaveView: () => void;
  #stopKeys: () => void;
  #isAtRest: boolean;
  #isDisposed = false;

  /** Loads the font first, because the size of a cell is measured once. */
  static async create(host: HTMLElement, settings: ViewSettings, events: ViewEvents, client: Promise<Holdfast>) {
    const cached = readScreen(settings.sessionId);
    await terminalFont();
    if (!host.isConnected) return null;
    const view = new TerminalView(host, settings, events);
    view.#output.draw(await cached);
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
      () => this.#output.position,
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
    this.#output = new SessionOutput({
      sink: this.#sink,
      gate: this.#gate,
      sizing: this.#sizing,
      isNew: settings.isNew,
      drawn: events.drawn,
      advanced: () => this.#keeper.changed(),
      skipped: events.skipped,
    });
    this.#input = new SessionInput(settings.sessionId, events);
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
    return this.#input.pendingBytes;
  }

  setAtRest(isAtRest: boolean): void {
    this.#isAtRest = isAtRest;
    this.#allowTyping();
  }

  /** What is drawn is older than what the server kept. */
  isBehind(stored: StoredScreen): boolean {
    return this.#output.isBehind(stored);
  }

  /** The screen that the server kept, while nothing else is drawn. */
  drawStored(stored: StoredScreen): void {
    this.#output.drawStored(stored);
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#keeper.dispose();
    this.#leaveView();
    this.#stopKeys();
    this.#attachment?.detach();
    this.#input.dispose();
    this.#sizing.dispose();
    this.#gpu.dispose();
    void this.#ligatures.set(false);
    this.features.dispose();
    this.#silencer.dispose();
    this.terminal.dispose();
  }

  async #attach(client: Promise<Holdfast>, cached: CachedScreen | undefined): Promise<void> {
    const { sessionId, shardId, isNew, readOnly } = this.#settings;
    const [holdfast, kept] = [await client, readOnly ? null : await claimKeptInput(sessionId)];
    if (this.#isDisposed) return;
    const { pane } = this.#sizing;
    this.#holdfast = holdfast;
    this.#tellAppearance();
    const from = cached ? { from: cached.offset, incarnation: cached.incarnation } : isNew ? { from: 0 } : {};
    const attachment = holdfast.sessions.attachTo(
      { id: sessionId, shardId },
      {
        ...from,
        ...(kept ? { kept } : {}),
        ...(pane ? { size: pane } : {}),
        visible: this.#sizing.isVisible,
        readOnly,
        manualAck: true,
        ...this.#output.heard,
        ...this.#input.heard,
        onExit: (exit) => this.#events.exited(exit),
        onState: (state, error) => this.#stateChanged(state, error),
      },
    );
    this.#attachment = attachment;
    this.#output.attached(attachment);
    this.#input.attached(attachment);
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

  /** Only what a person did: an answer of the parser is not sent. */
  #typed(data: string | Uint8Array): void {
    if (!this.#silencer.isMuted) this.#input.type(data);
  }

  /** A key of the program's. @returns false when that was all that is done with it */
  #key(event: KeyboardEvent): boolean {
    const newline = this.features.newline(event);
    if (newline === null || this.terminal.options.disableStdin) return true;
    event.preventDefault(); // or the browser would send a keypress, and Enter with it
    this.terminal.input(newline);
    return false;
  }
}
