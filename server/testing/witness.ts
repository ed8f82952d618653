/** An innocent session that prints counted lines all the while; whatever happens beside it, it must miss and double none. */
import { openHoldfast, type AttachmentState, type Holdfast } from '../../client/index.ts';
import type { Session } from '../../protocol/sessions.ts';
import { send } from './rawHttp.ts';
import { headersOf } from './terminal.ts';

/** A raw terminal, so that a line is exactly 13 bytes; about 25 kB/s. */
const PROGRAM = `
  let line = 0;
  setInterval(() => { let text = ''; for (let i = 0; i < 20; i++) text += String(line++).padStart(12, '0') + '\\n'; process.stdout.write(text); }, 10);`;

export class Witness {
  session!: Session;
  /** Empty, or what went wrong first. */
  mistakes: string[] = [];
  #wasLive = false;
  #hf!: Holdfast;
  #line = 0;
  #rest = '';
  #waiting: { line: number; resolve: () => void }[] = [];

  /** On this shard, as this person; resolves when lines flow. */
  static async start(port: number, email: string, shardId: string): Promise<Witness> {
    const witness = new Witness();
    const headers = headersOf(email);
    const script = 'stty raw -echo; exec "$0" -e "$1"';
    const body = { command: ['/bin/sh', '-c', script, process.execPath, PROGRAM], cols: 80, rows: 24 };
    const opened = await send(port, { method: 'POST', path: `/api/shards/${shardId}/v1/sessions`, headers, body });
    witness.session = JSON.parse(opened.text) as Session;
    witness.#hf = await openHoldfast({ url: `http://127.0.0.1:${port}`, headers });
    await witness.#hf.sessions.attach(witness.session.id, {
      from: 0,
      onOutput: (bytes) => witness.#read(bytes),
      onSnapshot: () => witness.#note('a snapshot came: bytes were skipped'),
      onExit: () => witness.#note('the program ended'),
      onState: (state) => witness.#onState(state),
    });
    await witness.moreLines();
    return witness;
  }

  /** Resolves when lines came that were printed after this call, or something went wrong. */
  moreLines(count = 40): Promise<void> {
    if (this.mistakes.length > 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ line: this.#line + count, resolve }));
  }

  stop(): void {
    this.#hf.close();
  }

  #read(bytes: Uint8Array): void {
    const lines = (this.#rest + Buffer.from(bytes).toString('latin1')).split('\n');
    this.#rest = lines.pop()!;
    for (const line of lines) {
      if (line !== String(this.#line).padStart(12, '0')) this.#note(`line ${this.#line} was ${JSON.stringify(line)}`);
      this.#line++;
    }
    this.#tell();
  }

  #onState(state: AttachmentState): void {
    if (state === 'live') this.#wasLive = true;
    else if (this.#wasLive) this.#note(`the attachment was ${state}`);
  }

  #note(mistake: string): void {
    if (this.mistakes.length === 0) this.mistakes.push(mistake);
    this.#tell();
  }

  #tell(): void {
    const isOver = this.mistakes.length > 0;
    for (const { line, resolve } of this.#waiting) if (isOver || this.#line >= line) resolve();
    this.#waiting = this.#waiting.filter(({ line }) => !isOver && this.#line < line);
  }
}
