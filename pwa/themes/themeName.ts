/** What a theme may be called. Pure. */

export const MAX_THEME_NAME = 80;

/** One line of text that is no longer than a name may be. */
export function nameOf(text: unknown): string {
  if (typeof text !== 'string') return '';
  const words = text.replace(/[\p{C}\s]+/gu, ' ').trim();
  return [...words].slice(0, MAX_THEME_NAME).join('').trim();
}
