/** Which sizes of text a terminal may have. */
export const DEFAULT_FONT_PX = 13;
export const MIN_FONT_PX = 8;
export const MAX_FONT_PX = 32;

/** @param delta in pixels; 0 is the usual size, null leaves it as it is, within what is possible */
export function fontSizeAfter(px: number, delta: number | null): number {
  if (delta === 0) return DEFAULT_FONT_PX;
  return Math.min(Math.max(Math.round(px + (delta ?? 0)), MIN_FONT_PX), MAX_FONT_PX);
}
