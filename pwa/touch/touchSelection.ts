/** What a finger has selected in a terminal: begun by a long press, changed by its two ends. */
import { shallowReadonly, shallowRef } from 'vue';
import type { TerminalInView } from '../terminal/inView.ts';
import { cellAt, lengthOf, movedUp, spanning, wordAt, type Cell, type Grid, type Selected } from './cells.ts';
import type { Point } from './gesture.ts';
import { screenOf } from './scrolling.ts';

export interface TouchSelection {
  view: TerminalInView;
  selected: Selected;
}

const selection = shallowRef<TouchSelection | null>(null);
/** What stays selected however the finger moves: the word that was pressed, or the end that no finger holds. Its rows count as those of `selection`. */
let anchor: Selected | null = null;

export function useTouchSelection() {
  return { selection: shallowReadonly(selection) };
}

export function gridOf(view: TerminalInView): Grid | null {
  const rect = screenOf(view)?.getBoundingClientRect();
  if (!rect || rect.width === 0) return null;
  const { cols, rows, buffer } = view.terminal;
  const { left, top, width, height } = rect;
  return { left, top, width, height, cols, rows, firstRow: buffer.active.viewportY };
}

export function beginSelection(view: TerminalInView, at: Point): void {
  const grid = gridOf(view);
  if (!grid) return;
  anchor = wordAt(view.terminal.buffer.active, cellAt(at, grid));
  select(view, anchor);
}

/** Where it is now. While a full terminal goes on, its oldest lines go, and those that stay count from fewer. */
export function selectedNow(of: TouchSelection): Selected {
  return movedUp(of.selected, rowsGone(of));
}

/** @param end the one that a finger takes; past the other one they change places */
export function holdEnd(end: 'start' | 'end'): void {
  const fixed = selection.value?.selected[end === 'start' ? 'end' : 'start'];
  if (fixed) anchor = { start: fixed, end: fixed };
}

export function extendSelection(view: TerminalInView, to: Point): void {
  const cell = cellIn(view, to);
  if (!cell || !anchor || !selection.value) return;
  anchor = movedUp(anchor, rowsGone(selection.value));
  select(view, spanning(anchor.start, anchor.end, cell));
}

export function selectEverything(): void {
  const view = selection.value?.view;
  if (!view) return;
  const { cols, buffer } = view.terminal;
  select(view, { start: { col: 0, row: 0 }, end: { col: cols - 1, row: buffer.active.length - 1 } });
}

/** @param clears what is selected, too: not where something else is selected by now */
export function endSelection(clears: boolean): void {
  const before = selection.value;
  selection.value = null;
  anchor = null;
  if (clears) before?.view.terminal.clearSelection();
}

/** The terminal keeps count of its own. */
function rowsGone({ view, selected }: TouchSelection): number {
  return selected.start.row - (view.terminal.getSelectionPosition()?.start.y ?? selected.start.row);
}

function cellIn(view: TerminalInView, at: Point): Cell | null {
  const grid = gridOf(view);
  return grid && cellAt(at, grid);
}

function select(view: TerminalInView, selected: Selected): void {
  view.terminal.select(selected.start.col, selected.start.row, lengthOf(selected, view.terminal.cols));
  selection.value = { view, selected };
}
