/** What a person types into one session, on its way there: it waits for an attachment, and who types is told what waits. */
import type { Attachment, Held } from '../../client/types.ts';
import type { WaitingInput } from './heldInput.ts';
import { changedTyping } from './inView.ts';
import { keepInputOf } from './keptInput.ts';
import { isImageAnswer } from './queries.ts';

export interface InputEvents {
  input: (waiting: WaitingInput) => void;
  /** So many bytes that were typed will never arrive. */
  inputLost: (bytes: number) => void;
  refused: (error: unknown) => void;
}

export class SessionInput {
  #sessionId: string;
  #events: InputEvents;
  #attachment: Attachment | null = null;
  #pendingBytes = 0;
  #held: Held | null = null;
  #stopKeeping: () => void = () => {};
  /** Typed before there was an attachment to write to. */
  #early: (string | Uint8Array)[] = [];

  constructor(sessionId: string, events: InputEvents) {
    this.#sessionId = sessionId;
    this.#events = events;
  }

  /** What the attachment says of it. */
  readonly heard = {
    onPending: (bytes: number): void => void (this.#pendingBytes = bytes),
    onHeld: (held: Held | null): void => {
      this.#held = held;
      this.#tell();
    },
    onInputLost: (bytes: number): void => this.#events.inputLost(bytes),
  };

  get pendingBytes(): number {
    return this.#attachment?.pendingBytes ?? 0;
  }

  attached(attachment: Attachment): void {
    this.#attachment = attachment;
    this.#stopKeeping = keepInputOf(this.#sessionId, () => attachment.keepInput());
    for (const data of this.#early.splice(0)) this.type(data);
  }

  /** Only what a person did: an answer of the terminal's own is not sent. */
  type(data: string | Uint8Array): void {
    if (isImageAnswer(data)) return;
    // Where the focus was while nobody could hear it is of no use later.
    if (isFocusReport(data) && this.#attachment?.state !== 'live') return;
    if (!this.#attachment) return void this.#early.push(data);
    try {
      this.#attachment.write(typeof data === 'string' ? changedTyping(data) : data);
    } catch (error) {
      this.#events.refused(error);
    }
  }

  dispose(): void {
    this.#stopKeeping();
    this.#pendingBytes = 0;
    this.#tell();
  }

  #tell(): void {
    const send = () => this.#attachment?.sendHeld();
    const drop = () => void this.#attachment?.dropHeld();
    this.#events.input({ pendingBytes: this.#pendingBytes, held: this.#held, send, drop });
  }
}

function isFocusReport(data: string | Uint8Array): boolean {
  return data === '\x1b[I' || data === '\x1b[O';
}
