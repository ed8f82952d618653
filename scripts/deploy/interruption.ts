/** Ctrl-C during a deployment: what was begun is taken back rather than left half-done. */
import { AppError } from '../../protocol/errors.ts';

export class Interruption {
  #count = 0;
  #isClosed = false;

  /** @returns false the second time: then nothing is waited for */
  ask(): boolean {
    this.#count += 1;
    return this.#count === 1;
  }

  /** Called between steps and while waiting. @throws AppError `internal` when somebody asked */
  heed(): void {
    if (this.#count > 0 && !this.#isClosed) throw new AppError('internal', 'it was interrupted');
  }

  /** From now on everything is carried through. */
  close(): void {
    this.#isClosed = true;
  }
}
