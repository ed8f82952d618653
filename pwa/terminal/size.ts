/** Which size a terminal may take, and what to ask for before there is one. */
import { MAX_COLS, MAX_ROWS } from '../../protocol/limits.ts';
import { localStore } from '../ui/browserStorage.ts';

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
    return usableSize(JSON.parse(localStore.get(KEY) ?? 'null') as Partial<Size>) ?? DEFAULT;
  } catch {
    return DEFAULT;
  }
}

export function rememberSize(size: Size): void {
  localStore.set(KEY, JSON.stringify(size));
}

export interface SizeFacts {
  /** What fits the pane; null when it is hidden or too small. */
  pane: Size | null;
  /** The pty's; null before it was heard. */
  pty: Size | null;
  /** Whether the pty follows this window; null before it was heard. */
  isInControl: boolean | null;
  /** The pane changed because its person changed the window, not because something came or went in it. */
  isByHand: boolean;
}

/** What to draw at (null: as it is), what to tell the server, and whether the drawing is another window's size. */
export interface SizePlan {
  draw: Size | null;
  tell: 'use' | 'view' | null;
  isForeign: boolean;
}

/**
 * Whoever decides, draws at its own size and tells it. The others draw at the pty's and tell theirs for later; a person who
 * changes such a window takes over, but nothing that happens by itself does, or two windows would never come to rest.
 */
export function planSize({ pane, pty, isInControl, isByHand }: SizeFacts): SizePlan {
  if (!pane) return { draw: pty, tell: null, isForeign: false };
  if (pty && isSame(pane, pty)) return { draw: pane, tell: isInControl === false ? 'view' : null, isForeign: false };
  if (isInControl === false && !isByHand) return { draw: pty, tell: 'view', isForeign: pty !== null };
  return { draw: pane, tell: 'use', isForeign: false };
}

export function isSame(one: Size, other: Size): boolean {
  return one.cols === other.cols && one.rows === other.rows;
}

function isCount(value: number | undefined): value is number {
  return Number.isInteger(value);
}
