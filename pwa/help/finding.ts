/** What the self-test finds out about one thing that the app relies on. */

/** `unknown`: it could not be found out, which is said rather than guessed. */
export type FindingState = 'works' | 'missing' | 'denied' | 'unknown';

export interface Finding {
  state: FindingState;
  /** What was seen: a figure, a name. Goes into reports, so it holds nothing of the person's. */
  detail: string;
  /** What it means for the person; empty when there is nothing to mean. */
  meaning: string;
}

export interface Probe {
  id: string;
  title: string;
  run(world: ProbeWorld, signal: AbortSignal): Promise<Finding> | Finding;
}

/** The browser, and of the app what a probe cannot see by itself. Tests hand in another one. */
export interface ProbeWorld {
  window: Window & typeof globalThis;
  /** Of the app's files; an address on the same origin. */
  fetch: typeof fetch;
  /** ms, for spans. */
  now: () => number;
  /** ms since the epoch. */
  date: () => number;
  /** Path of the person's shard, `/api/shards/…`; null while nobody is signed in. */
  shardUrl: string | null;
}

export const works = (detail: string, meaning = ''): Finding => ({ state: 'works', detail, meaning });
export const missing = (detail: string, meaning: string): Finding => ({ state: 'missing', detail, meaning });
export const denied = (detail: string, meaning: string): Finding => ({ state: 'denied', detail, meaning });
export const unknown = (detail: string, meaning: string): Finding => ({ state: 'unknown', detail, meaning });
