/** A session that prints known bytes at an even pace, light enough that 75 of them run beside everything else, and its client. */
import { createHash } from 'node:crypto';
import { openHoldfast, type Attachment, type AttachmentState, type Holdfast } from '../../client/index.ts';
import type { Session } from '../../protocol/sessions.ts';
import type { Exit } from '../../protocol/terminal.ts';
import { deferred } from '../base/deferred.ts';
import { send } from './rawHttp.ts';

const LINE_BYTES = 64;
/** How often a program prints, in ms. */
const TICK_MS = 100;

/** In perl, because 75 of its processes together need less memory than two of Node. One phase for each line that is typed, and one more line ends it. */
const PROGRAM = String.raw`
  $| = 1;
  my ($x, $phases, $lines, $perTick, $tickMs) = @ARGV;
  my $n = 0;
  print "ready\r\n";
  for (1 .. $phases) {
    exit 3 unless defined <STDIN>;
    for (my $i = 0; $i < $lines;) {
      my $text = '';
      for (1 .. $perTick) {
        last if $i++ >= $lines;
        $x = ($x * 1664525 + 1013904223) & 0xffffffff;
        $text .= sprintf("\e[3%dm%012d %010d%s\r\n", $x >> 29, $n++, $x, '.' x 34);
      }
      print $text;
      select(undef, undef, undef, $tickMs / 1000);
    }
  }
  <STDIN>;`;

const READY = 'ready\r\n';

/** What the program prints in its first `lines` lines, in pieces. */
export function* busyOutput(seed: number, lines: number): Generator<string> {
  let x = seed;
  yield READY;
  for (let n = 0; n < lines; n++) {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    yield `\x1b[3${x >>> 29}m${String(n).padStart(12, '0')} ${String(x).padStart(10, '0')}${'.'.repeat(34)}\r\n`;
  }
}

export interface BusyOptions {
  port: number;
  /** Through which network the client comes; the frontend itself when absent. */
  url?: string;
  email: string;
  shardId: string;
  seed: number;
  /** The program waits for a typed line before each. */
  phases: number;
  phaseBytes: number;
  /** Bytes a second while it prints. */
  pace: number;
}

export class BusySession {
  received = 0;
  /** Empty, or what went wrong first. */
  mistakes: string[] = [];
  /** How often the attachment ceased to be live. */
  interruptions = 0;
  session!: Session;
  hf!: Holdfast;
  attachment!: Attachment;
  #phase = 0;
  #hash = createHash('sha256');
  #exit = deferred<Exit>();
  #waiting: { bytes: number; resolve: () => void }[] = [];
  #wasLive = false;

  private constructor(private readonly options: BusyOptions) {}

  /** Resolves when the program is ready for its first phase. */
  static async start(options: BusyOptions): Promise<BusySession> {
    const busy = new BusySession(options);
    const { port, email, shardId, seed, phases, pace } = options;
    const headers = { 'X-Forwarded-Email': email };
    const perTick = Math.max(1, Math.round((pace * TICK_MS) / 1000 / LINE_BYTES));
    const args = [seed, phases, busy.#phaseLines, perTick, TICK_MS].map(String);
    const command = ['/bin/sh', '-c', 'stty raw -echo; exec perl -e "$@"', 'sh', PROGRAM, ...args];
    const path = `/api/shards/${shardId}/v1/sessions`;
    const opened = await send(port, { method: 'POST', path, headers, body: { command, cols: 80, rows: 24 } });
    if (opened.status !== 200 && opened.status !== 201) throw new Error(opened.text);
    busy.session = JSON.parse(opened.text) as Session;
    busy.hf = await openHoldfast({ url: options.url ?? `http://127.0.0.1:${port}`, headers });
    busy.attachment = await busy.hf.sessions.attach(busy.session.id, {
      from: 0,
      onOutput: (bytes, offset) => busy.#read(bytes, offset),
      onSnapshot: () => busy.#note('a snapshot came: bytes were skipped'),
      onExit: (exit) => busy.#exit.resolve(exit),
      onState: (state, error) => busy.#onState(state, error),
    });
    await busy.#reached(READY.length);
    return busy;
  }

  get exit(): Promise<Exit> {
    return this.#exit.promise;
  }

  /** Offset behind the last byte of the phases begun so far. */
  get expectedBytes(): number {
    return READY.length + this.#phase * this.#phaseLines * LINE_BYTES;
  }

  get expectedHash(): string {
    const hash = createHash('sha256');
    for (const piece of busyOutput(this.options.seed, this.#phase * this.#phaseLines)) hash.update(piece);
    return hash.digest('hex');
  }

  /** Of everything that came. */
  get receivedHash(): string {
    return this.#hash.copy().digest('hex');
  }

  /** Everything the program printed in the phases so far. */
  get expectedText(): string {
    return [...busyOutput(this.options.seed, this.#phase * this.#phaseLines)].join('');
  }

  get email(): string {
    return this.options.email;
  }

  /** Lets the program end, after its last phase. */
  finish(): Promise<Exit> {
    this.attachment.write('\n');
    return this.exit;
  }

  /** Lets the program begin its next phase. */
  beginPhase(): void {
    this.#phase++;
    this.attachment.write('\n');
  }

  /** Resolves when this share of the present phase has come, or something went wrong. */
  untilDone(share = 1): Promise<void> {
    const phaseBytes = this.#phaseLines * LINE_BYTES;
    return this.#reached(this.expectedBytes - Math.floor(phaseBytes * (1 - share)));
  }

  close(): void {
    this.hf.close();
  }

  get #phaseLines(): number {
    return Math.ceil(this.options.phaseBytes / LINE_BYTES);
  }

  #reached(bytes: number): Promise<void> {
    if (this.received >= bytes || this.mistakes.length > 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ bytes, resolve }));
  }

  #read(bytes: Uint8Array, offset: number): void {
    if (offset !== this.received) this.#note(`expected offset ${this.received}, got ${offset}`);
    this.received += bytes.length;
    this.#hash.update(bytes);
    this.#tell();
  }

  #onState(state: AttachmentState, error?: Error): void {
    if (state === 'live') this.#wasLive = true;
    else if (this.#wasLive && state !== 'exited') {
      this.#wasLive = false;
      this.interruptions++;
    }
    if (state === 'ended') this.#note(`the attachment ended: ${error?.message ?? 'no reason was given'}`);
  }

  #note(mistake: string): void {
    if (this.mistakes.length === 0) this.mistakes.push(mistake);
    this.#tell();
  }

  #tell(): void {
    const isOver = this.mistakes.length > 0;
    const isDue = ({ bytes }: { bytes: number }) => isOver || this.received >= bytes;
    for (const { resolve } of this.#waiting.filter(isDue)) resolve();
    this.#waiting = this.#waiting.filter((one) => !isDue(one));
  }
}

/** What must be true of busy sessions whose phase is done; compare it with `intact`. */
export function stateOf(sessions: BusySession[]) {
  return {
    mistakes: sessions.flatMap(({ mistakes, session }) => mistakes.map((mistake) => `${session.id}: ${mistake}`)),
    sizes: sessions.map(({ received }) => received),
    hashes: sessions.map(({ receivedHash }) => receivedHash),
  };
}

export function intact(sessions: BusySession[]): ReturnType<typeof stateOf> {
  return {
    mistakes: [],
    sizes: sessions.map(({ expectedBytes }) => expectedBytes),
    hashes: sessions.map(({ expectedHash }) => expectedHash),
  };
}
