/** Cells of a terminal under a finger, the word there, and how much lies between two of them. */
import type { IBuffer } from '@xterm/xterm';
import type { Point } from './gesture.ts';

/** `row` counts from the oldest line that is kept. */
export interface Cell {
  col: number;
  row: number;
}

/** Both ends included. */
export interface Selected {
  start: Cell;
  end: Cell;
}

export interface Grid {
  left: number;
  top: number;
  width: number;
  height: number;
  cols: number;
  rows: number;
  /** The row at the top of what is shown. */
  firstRow: number;
}

/** The nearest one: a finger may lie outside. */
export function cellAt({ x, y }: Point, grid: Grid): Cell {
  const part = (at: number, size: number, count: number) =>
    Math.min(Math.max(Math.floor((at / size) * count), 0), count - 1);
  return {
    col: part(x - grid.left, grid.width, grid.cols),
    row: grid.firstRow + part(y - grid.top, grid.height, grid.rows),
  };
}

/** The lower corner on its left; one cell further is the corner on its right. */
export function cornerOf({ col, row }: Cell, grid: Grid): Point {
  return {
    x: grid.left + (col * grid.width) / grid.cols,
    y: grid.top + ((row - grid.firstRow + 1) * grid.height) / grid.rows,
  };
}

const SEPARATOR = /[\s()[\]{}'"`,;│┃|<>]/;

/** A path, an address or a name is one word; where there is none it is the cell alone. */
export function wordAt(buffer: Pick<IBuffer, 'getLine'>, { col, row }: Cell): Selected {
  const line = buffer.getLine(row);
  // The second half of a wide sign has no text of its own, and belongs to the first.
  const isPart = (at: number): boolean => {
    const cell = line?.getCell(at);
    if (!cell) return false;
    return cell.getWidth() === 0
      ? at > 0 && isPart(at - 1)
      : cell.getChars() !== '' && !SEPARATOR.test(cell.getChars());
  };
  let [from, to] = [col, col];
  if (isPart(col)) {
    while (isPart(from - 1)) from--;
    while (isPart(to + 1)) to++;
  }
  return { start: { col: from, row }, end: { col: to, row } };
}

export function isBefore(one: Cell, other: Cell): boolean {
  return one.row < other.row || (one.row === other.row && one.col < other.col);
}

/** From the earliest of these cells to the latest. */
export function spanning(...cells: readonly [Cell, ...Cell[]]): Selected {
  return {
    start: cells.reduce((first, cell) => (isBefore(cell, first) ? cell : first)),
    end: cells.reduce((last, cell) => (isBefore(last, cell) ? cell : last)),
  };
}

export function movedUp({ start, end }: Selected, rows: number): Selected {
  return { start: { ...start, row: start.row - rows }, end: { ...end, row: end.row - rows } };
}

/** In cells, row by row. */
export function lengthOf({ start, end }: Selected, cols: number): number {
  return (end.row - start.row) * cols + end.col - start.col + 1;
}
