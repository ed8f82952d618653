/** Who may draw with the GPU: a page has only about sixteen contexts, and the browser kills the oldest without asking. */

export interface GpuHolder {
  /** Gives its context back and lets the DOM draw. */
  release(): void;
}

export const MAX_GPU_HOLDERS = 8;

export class GpuLeases {
  /** The one that came longest ago first. */
  #holders = new Set<GpuHolder>();

  constructor(readonly max = MAX_GPU_HOLDERS) {}

  /** The newest always gets one: it is the one that just came into view. */
  take(holder: GpuHolder): void {
    this.#holders.delete(holder);
    while (this.#holders.size >= this.max) this.#evict();
    this.#holders.add(holder);
  }

  giveBack(holder: GpuHolder): void {
    this.#holders.delete(holder);
  }

  get held(): number {
    return this.#holders.size;
  }

  #evict(): void {
    const [oldest] = this.#holders;
    this.#holders.delete(oldest!);
    oldest!.release();
  }
}
