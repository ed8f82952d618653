/** The rows of a person's key bar, as their settings have them, and how they are edited. */
import { MAX_TEXT_CHARS } from './barKeys.ts';

/** The first row is always shown, the second one when it is asked for. */
export type KeyRows = readonly [readonly string[], readonly string[]];

export const USUAL_ROWS: KeyRows = [
  ['Escape', 'Tab', 'ctrl', 'alt', 'ArrowLeft', 'ArrowDown', 'ArrowUp', 'ArrowRight'],
  ['Shift+Tab', '^C', 'Home', 'End', 'PageUp', 'PageDown', '|', '/', '~', '-'],
];
/** More can be found by nobody. */
const MAX_KEYS = 24;

/** Whatever is no key is left out: the document may be of a newer app. Without any the usual ones are there. */
export function keyRows(value: unknown): KeyRows {
  if (!Array.isArray(value)) return USUAL_ROWS;
  const seen = new Set<string>();
  const row = (keys: unknown): string[] =>
    (Array.isArray(keys) ? (keys as unknown[]) : [])
      .filter(isKey)
      .filter((id) => !seen.has(id) && seen.add(id))
      .slice(0, MAX_KEYS);
  const rows: KeyRows = [row(value[0]), row(value[1])];
  return rows[0].length + rows[1].length === 0 ? USUAL_ROWS : rows;
}

function isKey(id: unknown): id is string {
  return typeof id === 'string' && id.trim() !== '' && [...id].length <= MAX_TEXT_CHARS;
}

export interface KeyPlace {
  row: 0 | 1;
  at: number;
}

export function placeOf(rows: KeyRows, id: string): KeyPlace | null {
  for (const row of [0, 1] as const) {
    const at = rows[row].indexOf(id);
    if (at !== -1) return { row, at };
  }
  return null;
}

export function withoutKey(rows: KeyRows, id: string): KeyRows {
  const without = (row: readonly string[]) => row.filter((one) => one !== id);
  return [without(rows[0]), without(rows[1])];
}

/** At the end of the second row, where there is the most room. */
export function withKey(rows: KeyRows, id: string): KeyRows {
  return isKey(id) && !placeOf(rows, id) && rows[1].length < MAX_KEYS ? [rows[0], [...rows[1], id]] : rows;
}

/** @param step within its row; at an end it stays */
export function movedKey(rows: KeyRows, id: string, step: -1 | 1): KeyRows {
  const place = placeOf(rows, id);
  if (!place) return rows;
  const row = rows[place.row].filter((one) => one !== id);
  row.splice(Math.min(Math.max(place.at + step, 0), row.length), 0, id);
  return place.row === 0 ? [row, rows[1]] : [rows[0], row];
}

export function inOtherRow(rows: KeyRows, id: string): KeyRows {
  const place = placeOf(rows, id);
  if (!place) return rows;
  const [first, second] = withoutKey(rows, id);
  return place.row === 0 ? [first, [id, ...second]] : [[...first, id], second];
}
