/** Which input frames of each attachment were accepted and written: what makes every key arrive once and in order. */

export type Verdict =
  /** New and next in order: write it. */
  | 'accept'
  /** Accepted before: acknowledge it if it was written, and do nothing else. */
  | 'duplicate'
  /** A frame before it is missing: drop it, the client sends again from the last one written. */
  | 'gap';

interface Entry {
  accepted: number;
  written: number;
}

/** Attachments remembered per session; the one that was silent longest is forgotten first. */
const MAX_ATTACHMENTS = 256;

export class InputLedger {
  #entries = new Map<string, Entry>();

  /** @param isSparse sequence numbers only grow (the screen's are offsets) instead of counting by one */
  offer(attachmentId: string, seq: number, isSparse = false): Verdict {
    const entry = this.#touch(attachmentId);
    if (seq <= entry.accepted) return 'duplicate';
    if (!isSparse && seq !== entry.accepted + 1) return 'gap';
    entry.accepted = seq;
    return 'accept';
  }

  wrote(attachmentId: string, seq: number): void {
    const entry = this.#touch(attachmentId);
    if (seq > entry.written) entry.written = seq;
  }

  /** The last frame that was taken: it will reach the pty, unless the program ends before. 0 when none was. */
  accepted(attachmentId: string): number {
    return this.#entries.get(attachmentId)?.accepted ?? 0;
  }

  /** The last frame that reached the pty; 0 when none did. */
  written(attachmentId: string): number {
    return this.#entries.get(attachmentId)?.written ?? 0;
  }

  #touch(attachmentId: string): Entry {
    const entry = this.#entries.get(attachmentId) ?? { accepted: 0, written: 0 };
    this.#entries.delete(attachmentId);
    this.#entries.set(attachmentId, entry);
    if (this.#entries.size > MAX_ATTACHMENTS) {
      const oldest = this.#entries.keys().next().value!;
      this.#entries.delete(oldest);
    }
    return entry;
  }
}
