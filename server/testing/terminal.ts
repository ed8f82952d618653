/** One person's terminal in a test: what it printed, waiting for text, typing. */
import { onTestFinished } from 'vitest';
import { openHoldfast, type Attachment, type AttachmentState, type Holdfast } from '../../client/index.ts';
import type { Session } from '../../protocol/sessions.ts';
import type { Exit } from '../../protocol/terminal.ts';
import { deferred } from '../base/deferred.ts';

/** Answers each line with `got:<line>`, and prints nothing else after `ready`. */
export const ECHO_LINES = ['/bin/sh', '-c', 'stty -echo; echo ready; while read -r line; do echo "got:$line"; done'];

export function headersOf(email: string): Record<string, string> {
  return { 'X-Forwarded-Email': email };
}

/** A client of this person, closed when the test ends. */
export async function clientOf(port: number, email: string): Promise<Holdfast> {
  const hf = await openHoldfast({ url: `http://127.0.0.1:${port}`, headers: headersOf(email) });
  onTestFinished(() => hf.close());
  return hf;
}

export class Terminal {
  text = '';
  /** Bytes in all; each is given once and in order, or `attach` fails. */
  size = 0;
  states: AttachmentState[] = [];
  #exit = deferred<Exit>();
  #watchers = new Set<() => void>();
  attachment!: Attachment;

  private constructor(readonly session: Pick<Session, 'id' | 'shardId'>) {}

  static async open(hf: Holdfast, command: string[]): Promise<Terminal> {
    return Terminal.attach(hf, await hf.sessions.open({ command, cols: 80, rows: 24 }));
  }

  static async attach(hf: Holdfast, session: Pick<Session, 'id' | 'shardId'>): Promise<Terminal> {
    const terminal = new Terminal(session);
    terminal.attachment = await hf.sessions.attach(session.id, terminal.handlers());
    return terminal;
  }

  get exit(): Promise<Exit> {
    return this.#exit.promise;
  }

  write(data: string): void {
    this.attachment.write(data);
  }

  /** Resolves with everything printed once `wanted` is in it; rejects when the program ends first. */
  async waitFor(wanted: string): Promise<string> {
    while (!this.text.includes(wanted)) {
      const more = new Promise<void>((resolve) => this.#watchers.add(resolve));
      const ended = this.#exit.promise.then(() => {
        if (!this.text.includes(wanted))
          throw new Error(`the program ended without ${JSON.stringify(wanted)}: ${this.text}`);
      });
      await Promise.race([more, ended]);
    }
    return this.text;
  }

  /** Types a line and waits for its echo; for ECHO_LINES. */
  async exchange(line: string): Promise<string> {
    this.write(`${line}\n`);
    return this.waitFor(`got:${line}\r\n`);
  }

  private handlers() {
    const decoder = new TextDecoder();
    return {
      from: 0,
      onOutput: (bytes: Uint8Array, offset: number) => {
        if (offset !== this.size) this.#exit.reject(new Error(`expected offset ${this.size}, got ${offset}`));
        this.size += bytes.length;
        this.text += decoder.decode(bytes, { stream: true });
        for (const tell of this.#watchers) tell();
        this.#watchers.clear();
      },
      onExit: (exit: Exit) => this.#exit.resolve(exit),
      onState: (state: AttachmentState) => void this.states.push(state),
    };
  }
}

/** Runs a program to its end in a terminal of this person; what it printed. */
export async function run(hf: Holdfast, command: string[]): Promise<{ text: string; exit: Exit }> {
  const terminal = await Terminal.open(hf, command);
  const exit = await terminal.exit;
  await hf.sessions.close(terminal.session.id);
  return { text: terminal.text, exit };
}
