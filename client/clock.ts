/** Time as a thing that is handed in, so that tests can move it. */
export interface Clock {
  /** ms since the epoch; goes on while a machine sleeps */
  now(): number;
  /** Runs once after `delayMs`; returns a function that cancels. */
  after(delayMs: number, run: () => void): () => void;
  /** Runs every `periodMs`; returns a function that cancels. */
  every(periodMs: number, run: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
  every(periodMs, run) {
    const timer = setInterval(run, periodMs);
    return () => clearInterval(timer);
  },
};
