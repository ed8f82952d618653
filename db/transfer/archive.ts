/**
 * The file of an export: a gzipped tar. `manifest.json` comes first, then the rows of each table in pieces
 * `tables/<table>/<number>` (together the text of PostgreSQL's COPY), and `end.json`, without which the file is not whole.
 */
import { z } from 'zod';
import { AppError } from '../../protocol/errors.ts';

export const MANIFEST = 'manifest.json';
export const END = 'end.json';
/** An entry of a tar says its size first, so each piece is held in memory as a whole. */
export const PIECE_BYTES = 4 * 1024 * 1024;

export const Manifest = z.object({
  format: z.literal(1),
  madeAt: z.iso.datetime(),
  /** The state of the schema: names of the migrations that were applied. */
  migrations: z.array(z.string()),
  tables: z.array(z.object({ name: z.string(), columns: z.array(z.string()) })),
  sequences: z.array(z.object({ name: z.string(), value: z.string().regex(/^-?\d+$/), isCalled: z.boolean() })),
});
export type Manifest = z.infer<typeof Manifest>;

/** The number of rows of each table. */
export const End = z.object({ rows: z.record(z.string(), z.number().int()) });
export type End = z.infer<typeof End>;

export const pieceName = (table: string, number: number) => `tables/${table}/${String(number).padStart(6, '0')}`;

/** Undefined for an entry that is no piece of a table. */
export const tableOfPiece = (name: string) => /^tables\/([^/]+)\/\d+$/.exec(name)?.[1];

export function refused(sentence: string, cause?: unknown): AppError {
  return new AppError('database.import_refused', sentence, { cause });
}
