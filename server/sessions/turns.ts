/** One thing at a time for each session, in the order they were asked for. */
export class Turns {
  #last = new Map<string, Promise<unknown>>();

  /** Resolves or rejects as `work` does, which begins when all before it are done. */
  take<T>(id: string, work: () => Promise<T>): Promise<T> {
    const done = this.when(id).then(work);
    const settled = done.catch(() => undefined);
    this.#last.set(id, settled);
    void settled.then(() => this.#last.get(id) === settled && this.#last.delete(id));
    return done;
  }

  /** Resolves when everything that was asked for is done. */
  async when(id: string): Promise<void> {
    await this.#last.get(id);
  }
}
