/** How much one person may have under way at once. */
import { AppError } from '../../protocol/errors.ts';

export class Slots {
  #taken = new Map<string, number>();

  /** @param what in the plural, for the sentence */
  constructor(
    private readonly perPerson: number,
    private readonly what: string,
  ) {}

  /** @throws AppError `file.too_many` */
  async take<T>(email: string, work: () => Promise<T>): Promise<T> {
    const taken = this.#taken.get(email) ?? 0;
    if (taken >= this.perPerson)
      throw new AppError('file.too_many', `${this.perPerson} ${this.what} are under way; wait for one of them`);
    this.#taken.set(email, taken + 1);
    try {
      return await work();
    } finally {
      const left = this.#taken.get(email)! - 1;
      if (left > 0) this.#taken.set(email, left);
      else this.#taken.delete(email);
    }
  }
}
