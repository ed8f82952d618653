/** Which size a terminal may take, and what to ask for before there is one. */
import { MAX_COLS, MAX_ROWS } from '../../protocol/limits.ts';

export interface Size {
  cols: number;
  rows: number;
}

/** Below it no program can be used; a pane squeezed that far keeps the size it had. */
const LEAST: Size = { cols: 20, rows: 5 };
const KEY = 'holdfast.size';
const DEFAULT: Size = { cols: 120, rows: 36 };

/** The size to set, or null when the pane is not shown or too small. */
export function usableSize(proposed: Partial<Size> | undefined): Size | null {
  const { cols, rows } = proposed ?? {};
  if (!isCount(cols) || !isCount(rows) || cols < LEAST.cols || rows < LEAST.rows) return null;
  return { cols: Math.min(cols, MAX_COLS), rows: Math.min(rows, MAX_ROWS) };
}

/** The last size a terminal had here: the likeliest for the next one, which is opened before it is drawn. */
export function likelySize(): Size {
  try {
    return usableSize(JSON.parse(localStorage.getItem(KEY) ?? 'null') as Partial<Size>) ?? DEFAULT;
  } catch {
    return DEFAULT;
  }
}

export function rememberSize(size: Size): void {
  localStorage.setItem(KEY, JSON.stringify(size));
}

function isCount(value: number | undefined): value is number {
  return Number.isInteger(value);
}
