/**
 * Finds the offsets at which a stream of terminal output may be cut: between control sequences and characters. A screen
 * fed only up to such a point can be drawn and continued. Better still is a point outside a synchronized frame
 * (mode 2026), where what is drawn is meant to be seen.
 * The states are those of the VT500 parser at https://vt100.net/emu/dec_ansi_parser, reduced to "inside or outside",
 * with what xterm.js makes of C1 controls: they end any sequence.
 */

const enum State {
  Ground,
  Escape,
  Csi,
  /** OSC, DCS, SOS, PM, APC: ends with ST, or BEL for OSC. */
  String,
  StringEscape,
}

/** Held bytes above this are let go although no safe point came, because an endless string must not stop the screen. */
export const MAX_HELD_BYTES = 256 * 1024;

const C2 = 0xc2;

export interface SafePrefix {
  /** Length of the longest prefix that ends between sequences; 0 when there is none. */
  safe: number;
  /** The same outside a synchronized frame. */
  outsideFrame: number;
}

export class SafePointScanner {
  #state = State.Ground;
  /** Continuation bytes still missing of a UTF-8 character. */
  #missing = 0;
  /** A two-byte character began with 0xC2: its second byte may be a C1 control. */
  #maybeC1 = false;
  #isOsc = false;
  #csi = '';
  #isInFrame = false;

  scan(chunk: Uint8Array): SafePrefix {
    let safe = 0;
    let outsideFrame = 0;
    for (let i = 0; i < chunk.length; i++) {
      this.#step(chunk[i]!);
      if (this.#state !== State.Ground || this.#missing > 0) continue;
      safe = i + 1;
      if (!this.#isInFrame) outsideFrame = i + 1;
    }
    return { safe, outsideFrame };
  }

  /**
   * For a terminal that joins in the midst of a sequence: brings it into a sequence of that kind which does nothing.
   * Empty between sequences.
   */
  get opening(): string {
    if (this.#state === State.Ground) return '';
    if (this.#state === State.Escape) return '\x1b!!';
    if (this.#state === State.Csi) return '\x1b[!!';
    const opening = this.#isOsc ? '\x1b]9999;' : '\x1bX';
    return this.#state === State.StringEscape ? `${opening}\x1b` : opening;
  }

  #step(byte: number): void {
    const isC1 = this.#maybeC1 && byte >= 0x80 && byte < 0xa0;
    this.#maybeC1 = byte === C2;
    if (isC1) return this.#c1(byte);
    if (byte === 0x18 || byte === 0x1a) return this.#toGround(); // CAN and SUB end any sequence
    if (this.#state === State.Ground) return this.#ground(byte);
    if (this.#state === State.String) return this.#string(byte);
    if (this.#state === State.StringEscape) {
      // ESC \ is ST; any other byte after ESC ends the string and begins a sequence of its own.
      if (byte === 0x5c) return this.#toGround();
      return this.#escape(byte);
    }
    if (byte === 0x1b) {
      this.#state = State.Escape;
      return;
    }
    if (this.#state === State.Escape) return this.#escape(byte);
    this.#control(byte);
  }

  #ground(byte: number): void {
    if (byte < 0x80) {
      this.#missing = 0;
      if (byte === 0x1b) this.#state = State.Escape;
    } else if (byte >= 0xf0 && byte < 0xf8) this.#missing = 3;
    else if (byte >= 0xe0 && byte < 0xf0) this.#missing = 2;
    else if (byte >= 0xc0 && byte < 0xe0) this.#missing = 1;
    else if (this.#missing > 0) this.#missing--;
  }

  #c1(byte: number): void {
    this.#toGround();
    if (byte === 0x9b) this.#begin(State.Csi);
    else if (byte === 0x90 || byte === 0x98 || byte === 0x9d || byte === 0x9e || byte === 0x9f) {
      this.#isOsc = byte === 0x9d;
      this.#begin(State.String);
    }
  }

  #escape(byte: number): void {
    if (byte === 0x5b) this.#begin(State.Csi);
    else if (byte === 0x5d || byte === 0x50 || byte === 0x58 || byte === 0x5e || byte === 0x5f) {
      this.#isOsc = byte === 0x5d;
      this.#begin(State.String);
    } else if (byte === 0x1b) this.#state = State.Escape;
    else if (byte >= 0x30 && byte < 0x7f) this.#toGround();
    else this.#state = State.Escape; // intermediates, and controls that are executed in passing
  }

  #control(byte: number): void {
    if (byte >= 0x40 && byte < 0x7f) {
      if (this.#csi === '?2026') this.#synchronize(byte);
      this.#toGround();
    } else if (this.#csi.length < 16 && byte >= 0x20) this.#csi += String.fromCharCode(byte);
  }

  #synchronize(final: number): void {
    if (final === 0x68) this.#isInFrame = true;
    if (final === 0x6c) this.#isInFrame = false;
  }

  #string(byte: number): void {
    if (byte === 0x1b) this.#state = State.StringEscape;
    else if (byte === 0x07 && this.#isOsc) this.#toGround();
  }

  #begin(state: State.Csi | State.String): void {
    this.#state = state;
    this.#csi = '';
  }

  #toGround(): void {
    this.#state = State.Ground;
    this.#missing = 0;
  }
}

/** Bytes that may be parsed now. */
export interface Ready {
  bytes: Uint8Array;
  /** Where `bytes` end. */
  end: number;
  /** How many of them end outside a synchronized frame; 0 when none of them do. */
  outsideFrame: number;
  /** Not empty when they were let go by force, in the midst of a sequence: see SafePointScanner. */
  opening: string;
}

/**
 * Passes a stream on in pieces that each end at a safe point and holds the rest back until it is complete: a sequence or
 * character that has only begun draws nothing yet.
 */
export class SafeFeed {
  #scanner = new SafePointScanner();
  #held: Uint8Array[] = [];
  #heldBytes = 0;

  /** @param offset where the stream begins, in bytes since the session began */
  constructor(public offset: number) {}

  /** Bytes taken but not passed on. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** What may be parsed now, or nothing. Afterwards `offset` is the position behind what was passed on. */
  take(chunk: Uint8Array): Ready | undefined {
    const { safe, outsideFrame } = this.#scanner.scan(chunk);
    if (safe === 0 && this.#heldBytes + chunk.length <= MAX_HELD_BYTES) {
      this.#hold(chunk);
      return undefined;
    }
    const isForced = safe === 0;
    const held = this.#heldBytes;
    const cut = isForced ? chunk.length : safe;
    const bytes = concat([...this.#held, chunk.subarray(0, cut)]);
    this.#held = [];
    this.#heldBytes = 0;
    if (cut < chunk.length) this.#hold(chunk.subarray(cut));
    this.offset += bytes.length;
    return {
      bytes,
      end: this.offset,
      outsideFrame: outsideFrame === 0 ? 0 : held + outsideFrame,
      opening: isForced ? this.#scanner.opening : '',
    };
  }

  #hold(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
  }
}

function concat(parts: Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
