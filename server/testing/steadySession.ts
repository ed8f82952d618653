/** A session that counts aloud while keys are typed into it all the time: whatever happens to its sockets, none may be missed or doubled. */
import type { Attachment, Holdfast } from '../../client/index.ts';
import type { Session } from '../../protocol/sessions.ts';

const TYPE_EVERY_MS = 200;
/** Counts lines, and says every key that it gets. */
const PROGRAM = `
  let line = 0;
  process.stdin.on('data', (keys) => { for (const key of keys.toString()) process.stdout.write('key ' + key + '\\n'); });
  setInterval(() => process.stdout.write('line ' + line++ + '\\n'), 20);`;
const KEYS = 'abcdefghijklmnopqrstuvwxyz';
export const STEADY_COMMAND = ['/bin/sh', '-c', 'stty raw -echo; exec "$0" -e "$1"', process.execPath, PROGRAM];

export class SteadySession {
  /** Empty, or what went wrong first. */
  mistake = '';
  lines = 0;
  #typed = 0;
  #told = 0;
  #rest = '';
  #timer: NodeJS.Timeout | undefined;

  #attachment: Attachment | undefined;

  /** @param session runs STEADY_COMMAND */
  static async attach(hf: Holdfast, session: Pick<Session, 'id'>): Promise<SteadySession> {
    const steady = new SteadySession();
    steady.#attachment = await hf.sessions.attach(session.id, {
      from: 0,
      onOutput: (bytes) => steady.#read(Buffer.from(bytes).toString('latin1')),
      onSnapshot: () => steady.#note('a snapshot came: bytes were skipped'),
      onExit: () => steady.#note('the program ended'),
      onState: (state) => state === 'ended' && clearInterval(steady.#timer), // by whoever closes its client
      onInputLost: (bytes) => steady.#note(`${bytes} bytes of input were given up`),
    });
    steady.#timer = setInterval(() => steady.#type(), TYPE_EVERY_MS);
    return steady;
  }

  /** Types no more. @returns whether every key that was typed has been told */
  settled(): boolean {
    clearInterval(this.#timer);
    return this.mistake !== '' || this.#told === this.#typed;
  }

  #type(): void {
    if (this.mistake === '') this.#attachment?.write(KEYS[this.#typed++ % KEYS.length]!);
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop()!;
    for (const line of lines) {
      const expected = line.startsWith('key ') ? `key ${KEYS[this.#told++ % KEYS.length]}` : `line ${this.lines++}`;
      if (line !== expected) this.#note(`${JSON.stringify(line)} came where ${expected} was due`);
    }
  }

  #note(mistake: string): void {
    this.mistake ||= mistake;
    clearInterval(this.#timer);
  }
}
