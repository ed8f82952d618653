/**
 * Passes a session's output on to the local terminal exactly, but for the sequences that ask it something (queries.ts).
 * What is not complete is held back, so that between two pieces the terminal is never inside a sequence or a character,
 * except in a long string (`isInString`). The states are those of https://vt100.net/emu/dec_ansi_parser.
 */
import { isApcQuery, isCsiQuery, isDcsQuery, isEscapeQuery, mayOscAsk, quietApc, withoutQuestions } from './queries.ts';
import { TerminalUse } from './terminalUse.ts';

const enum State {
  Ground,
  /** After 0xC2, with which the 8-bit forms of the introducers begin in UTF-8. */
  C2,
  /** Inside a UTF-8 character. */
  Character,
  Escape,
  Csi,
  Osc,
  Dcs,
  Apc,
  /** The rest of a string, passed on as it comes. */
  PassedString,
  /** The rest of a string that is left out. */
  DroppedString,
}

const ESC = 0x1b;
const BEL = 0x07;
const ENQ = 0x05;
const NUL = 0x00;
const CAN = 0x18;
const SUB = 0x1a;
const DEL = 0x7f;
/** No question is longer; what is, is passed on as it comes. */
const MAX_HELD_BYTES = 64 * 1024;

export class OutputFilter {
  #state = State.Ground;
  /** The unit under way: not passed on yet, except in PassedString. */
  #held: number[] = [];
  /** How many of the held bytes are the introducer. */
  #introducerBytes = 0;
  #missingBytes = 0;
  /** What was passed on last is broken off by the next sequence; should that be left out, this does it in its place. */
  #breaker: number[] = [];
  /** Of the string under way; BEL ends none but an OSC. */
  #isOsc = false;
  #isC2InString = false;
  /** A string was left out just now: its ST is left out, too. */
  #isStDropped = false;
  #out: number[] = [];

  constructor(readonly use = new TerminalUse()) {}

  /** The local terminal is inside a string: nothing may be written in between. */
  get isInString(): boolean {
    return this.#state === State.PassedString;
  }

  /** Another stream begins. */
  restart(): void {
    this.#state = State.Ground;
    this.#held = [];
  }

  take(chunk: Uint8Array): Uint8Array {
    const pieces: Uint8Array[] = [];
    let at = 0;
    while (at < chunk.length) {
      const end = this.#plainEnd(chunk, at);
      if (end > at) {
        this.#flushTo(pieces);
        pieces.push(chunk.subarray(at, end));
        at = end;
      } else this.#step(chunk[at++]!);
    }
    this.#flushTo(pieces);
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  }

  /** Where bytes end that need no look at each: ASCII text outside sequences. */
  #plainEnd(chunk: Uint8Array, from: number): number {
    if (this.#state !== State.Ground) return from;
    let at = from;
    while (at < chunk.length && chunk[at]! < 0x80 && chunk[at] !== ESC && chunk[at] !== ENQ) at++;
    if (at === from) return at;
    this.#isStDropped = false;
    this.#breaker = [];
    return at;
  }

  #flushTo(pieces: Uint8Array[]): void {
    if (this.#out.length === 0) return;
    pieces.push(Uint8Array.from(this.#out));
    this.#out = [];
  }

  #step(byte: number): void {
    switch (this.#state) {
      case State.Ground:
        return this.#ground(byte);
      case State.C2:
        return this.#c2(byte);
      case State.Character:
        return this.#character(byte);
      case State.Escape:
        return this.#escape(byte);
      case State.Csi:
        return this.#csi(byte);
      default:
        return this.#string(byte);
    }
  }

  #ground(byte: number): void {
    if (byte !== ESC) this.#isStDropped = false;
    if (byte === ENQ) return this.#drop();
    if (byte < 0xc2 && byte !== ESC) return void this.#out.push(byte);
    this.#held = [byte];
    if (byte === ESC) this.#state = State.Escape;
    else if (byte === 0xc2) this.#state = State.C2;
    else if (byte < 0xf5) {
      this.#state = State.Character;
      this.#missingBytes = byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : 1;
    } else this.#pass();
  }

  #character(byte: number): void {
    if (byte < 0x80 || byte > 0xbf) return this.#passBroken(byte, [NUL]);
    this.#held.push(byte);
    if (--this.#missingBytes === 0) this.#pass();
  }

  #c2(byte: number): void {
    if (byte < 0x80 || byte > 0xbf) return this.#passBroken(byte, [NUL]);
    this.#held.push(byte);
    if (byte === 0x9a) return this.#drop(); // DECID
    if (!this.#introduce(byte - 0x40)) this.#pass();
  }

  /** False when the byte after ESC begins neither a control sequence nor a string. */
  #introduce(byte: number): boolean {
    const states: Record<number, State> = {
      0x5b: State.Csi,
      0x5d: State.Osc,
      0x50: State.Dcs,
      0x5f: State.Apc,
      0x58: State.PassedString, // SOS
      0x5e: State.PassedString, // PM
    };
    const state = states[byte];
    if (state === undefined) return false;
    this.#introducerBytes = this.#held.length;
    this.#isOsc = state === State.Osc;
    this.#isC2InString = false;
    if (state === State.PassedString) this.#passOn();
    this.#state = state;
    return true;
  }

  #escape(byte: number): void {
    if (this.#breaksOff(byte) || this.#isCarriedOut(byte)) return;
    this.#held.push(byte);
    if (this.#held.length === 2 && this.#introduce(byte)) return;
    if (byte < 0x30) return; // an intermediate
    const body = text(this.#held.slice(1));
    if (isEscapeQuery(body)) return this.#drop();
    if (body === '\\' && this.#isStDropped) return this.#drop();
    this.use.escape(body);
    this.#pass();
  }

  #csi(byte: number): void {
    if (this.#breaksOff(byte) || this.#isCarriedOut(byte)) return;
    if (this.#held.length >= MAX_HELD_BYTES) return this.#passBroken(byte, [CAN]);
    this.#held.push(byte);
    if (byte < 0x40) return;
    const body = this.#body();
    if (isCsiQuery(body)) return this.#drop();
    this.use.csi(body);
    this.#pass();
  }

  /** ESC breaks a sequence off, CAN and SUB end it, and so is told what terminals disagree on: bytes that are not ASCII. */
  #breaksOff(byte: number): boolean {
    if (byte === ESC || byte === CAN || byte === SUB) this.#passBroken(byte, [CAN]);
    else if (byte >= 0x80) {
      this.#held.push(CAN);
      this.#passBroken(byte, []);
    } else return false;
    return true;
  }

  /** Controls inside a sequence are carried out before it; ENQ asks, and DEL does nothing. */
  #isCarriedOut(byte: number): boolean {
    if (byte >= 0x20 && byte !== DEL) return false;
    const held = this.#held;
    if (byte !== ENQ && byte !== DEL) {
      this.#leaveOut();
      this.#out.push(byte);
    }
    this.#held = held;
    return true;
  }

  #string(byte: number): void {
    if (this.#isC2InString) {
      this.#isC2InString = false;
      if (byte >= 0x80 && byte < 0xa0) return this.#endString(byte);
      this.#stringByte(0xc2);
    }
    if (byte === 0xc2) this.#isC2InString = true;
    else if (byte === ESC || byte === CAN || byte === SUB || (byte === BEL && this.#isOsc)) this.#endString(byte);
    else this.#stringByte(byte);
  }

  #stringByte(byte: number): void {
    if (this.#state === State.DroppedString) return;
    if (this.#state === State.PassedString) return void this.#out.push(byte);
    this.#held.push(byte);
    if (this.#state === State.Osc) this.#beginOsc(byte);
    else if (this.#state === State.Dcs) this.#beginDcs(byte);
    else this.#beginApc(byte);
  }

  #beginOsc(byte: number): void {
    if (byte === 0x3b) {
      const number = parseInt(this.#body());
      if (mayOscAsk(number) || number === 9) return; // 9 is noted by TerminalUse
      this.#passString();
    } else if (this.#held.length > MAX_HELD_BYTES) this.#passString();
  }

  #beginDcs(byte: number): void {
    if (byte < 0x40 && this.#held.length <= MAX_HELD_BYTES) return;
    if (isDcsQuery(this.#body())) this.#dropString();
    else this.#passString();
  }

  #beginApc(byte: number): void {
    if (this.#held.length === this.#introducerBytes + 1 && byte !== 0x47) return this.#passString();
    if (byte !== 0x3b && this.#held.length <= MAX_HELD_BYTES) return;
    if (isApcQuery(this.#body().replace(/;$/, ''))) return this.#dropString();
    this.#quietApc();
    this.#passString();
  }

  #quietApc(): void {
    const [control = '', ...rest] = this.#body().split(';');
    const quiet = [quietApc(control), ...rest].join(';');
    if (quiet !== this.#body()) this.#held.splice(this.#introducerBytes, Infinity, ...Buffer.from(quiet, 'latin1'));
  }

  #body(): string {
    return text(this.#held.slice(this.#introducerBytes).filter(isPrintable));
  }

  #endString(byte: number): void {
    const isCancelled = byte === CAN || byte === SUB; // nothing of it is carried out
    const isLeftOut = this.#state === State.DroppedString || (!isCancelled && this.#takeQuestionsOut());
    this.#pass();
    const isSt = byte === 0x9c;
    if (byte === ESC || (byte >= 0x80 && !isSt)) {
      this.#isStDropped = isLeftOut;
      if (!isLeftOut) this.#breaker = [ESC, 0x5c];
      if (byte !== ESC) this.#step(0xc2);
      this.#step(byte);
    } else if (!isLeftOut || isCancelled) this.#out.push(...(isSt ? [0xc2, byte] : [byte]));
  }

  /** Of the string that ends here; true when its terminator is left out, too. */
  #takeQuestionsOut(): boolean {
    const body = this.#body();
    if (this.#state === State.Apc && isApcQuery(body)) {
      this.#leaveOut();
      return true;
    }
    if (this.#state === State.Apc) this.#quietApc();
    if (this.#state !== State.Osc) return false;
    this.#noteOsc(body);
    const bodies = withoutQuestions(body);
    if (bodies.length === 1 && bodies[0] === body) return false;
    this.#leaveOut();
    this.#held = [...Buffer.from(bodies.map((kept) => `\x1b]${kept}\x1b\\`).join(''), 'latin1')];
    return true;
  }

  #noteOsc(body: string): void {
    const [, digits, rest = ''] = /^(\d+);?([^]{0,16})/.exec(body) ?? [];
    if (digits) this.use.osc(Number(digits), rest);
  }

  #passString(): void {
    if (this.#isOsc) this.#noteOsc(this.#body());
    this.#passOn();
    this.#state = State.PassedString;
  }

  #dropString(): void {
    this.#leaveOut();
    this.#state = State.DroppedString;
  }

  #passOn(): void {
    for (const byte of this.#held) this.#out.push(byte);
    if (this.#held.length > 0) this.#breaker = [];
    this.#held = [];
  }

  #leaveOut(): void {
    for (const byte of this.#breaker) this.#out.push(byte);
    this.#breaker = [];
    this.#held = [];
  }

  #pass(): void {
    this.#passOn();
    this.#state = State.Ground;
  }

  #passBroken(byte: number, breaker: number[]): void {
    this.#pass();
    this.#breaker = breaker;
    this.#step(byte);
  }

  #drop(): void {
    this.#leaveOut();
    this.#state = State.Ground;
    this.#isStDropped = false;
  }
}

function isPrintable(byte: number): boolean {
  return byte >= 0x20 && byte !== 0x7f;
}

function text(bytes: number[]): string {
  return Buffer.from(bytes).toString('latin1');
}
