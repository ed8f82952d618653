/** What a command prints: JSON with two spaces, or a table where the CLI has a template for it (`libs/cmdio/render.go`). */
import type { Fields } from '../answers.ts';

/** Rows of a list that text output shows as a table; JSON output gets `rows` as they are. */
export class Table {
  constructor(
    readonly rows: Fields[],
    readonly header: string[],
    readonly cells: (row: Fields) => (string | undefined)[],
  ) {}
}

/** Lines in text output; with `-o json` the values instead, where there are any. */
export class Lines {
  constructor(
    readonly lines: string[],
    readonly values?: unknown,
  ) {}
}

export function rendered(result: unknown, isJson: boolean): string {
  if (result === undefined) return '';
  if (result instanceof Table) return isJson ? json(result.rows) : table(result);
  if (result instanceof Lines) return isJson && result.values !== undefined ? json(result.values) : lines(result.lines);
  return json(result);
}

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
const lines = (all: string[]) => all.map((line) => `${line}\n`).join('');

function table({ rows, header, cells }: Table): string {
  const all = [header, ...rows.map((row) => cells(row).map((cell) => cell ?? ''))];
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  return lines(
    all.map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    ),
  );
}
