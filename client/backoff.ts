/** When to try again: at once, then with full jitter up to a bound, for ever. */
import { RECONNECT_MAX_DELAY_MS } from '../protocol/limits.ts';

const FIRST_CEILING_MS = 500;

/**
 * @param attempt 0 for the first retry
 * @param random in [0, 1)
 * @returns ms to wait; full jitter as at https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function retryDelayMs(attempt: number, random = Math.random()): number {
  if (attempt === 0) return 0;
  const ceiling = Math.min(RECONNECT_MAX_DELAY_MS, FIRST_CEILING_MS * 2 ** Math.min(attempt - 1, 10));
  return Math.round(ceiling * random);
}
