/** When a screen is worth storing again: soon after the output pauses, and now and then while it does not. */

/** Output has paused for this long. */
export const IDLE_MS = 1_000;
/** A program that never pauses is stored this often all the same. */
export const MAX_UNSAVED_MS = 10_000;

/** @returns how long to wait from `now` before storing, given when the first and the last byte came that are not stored yet */
export function saveDelay(now: number, firstUnsavedAt: number, lastOutputAt: number): number {
  return Math.max(0, Math.min(lastOutputAt + IDLE_MS, firstUnsavedAt + MAX_UNSAVED_MS) - now);
}
