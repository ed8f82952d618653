/** What one session printed, on its way to the terminal: as this browser kept it, as the server draws it, and as it comes. */
import type { Attachment } from '../../client/types.ts';
import type { StoredScreen } from '../../protocol/sessions.ts';
import type { CachedScreen } from '../connection/offlineStore.ts';
import type { FreshnessGate } from './freshness.ts';
import { OutputFeed, type Sink } from './outputFeed.ts';
import type { Position } from './screenKeeper.ts';
import type { Size } from './size.ts';
import type { Sizing } from './sizing.ts';

export interface OutputParts {
  /** Where output goes. */
  sink: Sink;
  gate: FreshnessGate;
  sizing: Sizing;
  /** Opened a moment ago by this window: nothing of it is old. */
  isNew: boolean;
  /** Something is in sight, from wherever. */
  drawn: () => void;
  /** What is in sight stands further on in the session's output than before. */
  advanced: () => void;
  skipped: (bytes: number) => void;
}

export class SessionOutput {
  #parts: OutputParts;
  #feed: OutputFeed | null = null;
  #attachment: Attachment | null = null;
  #ptySize: Size | null = null;
  #snapshotSize: Size | null = null;
  /** The one that what is drawn belongs to; the attachment may already know of the next. */
  #incarnation = 1;

  constructor(parts: OutputParts) {
    this.#parts = parts;
  }

  /** What the attachment says. */
  readonly heard = {
    onAttached: ({ incarnation, end }: { incarnation: number; end: number | null }): void =>
      this.#parts.gate.attached(incarnation, end, this.#parts.isNew),
    onOutput: (bytes: Uint8Array, offset: number): void =>
      this.#parts.gate.output(bytes, offset, (part, at) => this.#feed?.output(part, at)),
    onSnapshot: (bytes: Uint8Array, offset: number, skippedBytes: number): void =>
      this.#snapshot(bytes, offset, skippedBytes),
    onHistory: (bytes: Uint8Array, offset: number): void => this.#history(bytes, offset),
    onResized: ({ cols, rows, isInControl }: Size & { isInControl: boolean }): void => {
      this.#ptySize = { cols, rows };
      this.#parts.sizing.heard(this.#ptySize, isInControl);
    },
  };

  /** Of what is drawn; null before anything can be. */
  get position(): Position | null {
    return this.#feed && { incarnation: this.#incarnation, offset: this.#feed.parsedOffset };
  }

  /** The last screen, before any network. */
  draw(cached: CachedScreen | undefined): void {
    this.#feed = new OutputFeed(this.#parts.sink, cached?.offset ?? 0, (received) => this.#parsed(received));
    if (!cached) return;
    this.#incarnation = cached.incarnation;
    this.#parts.sizing.adopt(cached);
    this.#parts.sink.write(cached.content, this.#parts.drawn);
  }

  attached(attachment: Attachment): void {
    this.#attachment = attachment;
  }

  /** What is drawn is older than what the server kept. */
  isBehind({ incarnation, offset }: StoredScreen): boolean {
    const drawn = this.position;
    if (!drawn || incarnation !== drawn.incarnation) return incarnation > this.#incarnation;
    return offset > drawn.offset;
  }

  /** The screen that the server kept, while nothing else is drawn. What the server sends later replaces all of it. */
  drawStored({ cols, rows, screen }: StoredScreen): void {
    const { gate, sizing, sink, drawn } = this.#parts;
    gate.drawsAgain();
    sizing.adopt({ cols, rows });
    sink.write(screen, drawn);
  }

  /** A snapshot is drawn at the size it was taken at, and fitted to the pane afterwards. */
  #snapshot(bytes: Uint8Array, offset: number, skippedBytes: number): void {
    const { gate, sizing, skipped } = this.#parts;
    gate.drawsAgain();
    this.#snapshotSize = this.#ptySize;
    if (this.#ptySize) sizing.adopt(this.#ptySize);
    this.#feed?.snapshot(bytes, offset);
    sizing.fit();
    if (skippedBytes > 0) skipped(skippedBytes);
  }

  /** Drawn for the same size as the snapshot, whatever the pane has made of it since. */
  #history(bytes: Uint8Array, offset: number): void {
    const { gate, sizing } = this.#parts;
    gate.drawsAgain();
    if (this.#snapshotSize) sizing.adopt(this.#snapshotSize);
    this.#feed?.history(bytes, offset);
    sizing.fit();
  }

  #parsed(received: number): void {
    this.#attachment?.ack(received);
    this.#incarnation = this.#attachment?.incarnation ?? this.#incarnation;
    this.#parts.advanced();
    this.#parts.drawn();
  }
}
