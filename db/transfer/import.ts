/** Reads an export into a database whose schema is in the same state and empty: all of it, or nothing. */
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { extract, type Header } from 'tar-stream';
import type { z } from 'zod';
import { AppError } from '../../protocol/errors.ts';
import type { Connection } from '../connect.ts';
import { asAdmin } from '../databases.ts';
import { End, END, Manifest, MANIFEST, refused, tableOfPiece } from './archive.ts';
import { appliedMigrations, copyTarget, qualified, tablesInOrder, type Table } from './tables.ts';

type OnTable = (table: string, rows: number) => void;

/** @throws AppError `database.import_refused` with what does not fit; the database is as it was then */
export async function importDatabase(connection: Connection, file: string, onTable: OnTable): Promise<void> {
  const source = createReadStream(file);
  const archive = extract();
  // Before the first of them can come: nobody keeps it.
  const entries = new Entries(archive[Symbol.asyncIterator]() as AsyncIterator<Entry>);
  const reading = pipeline(source, createGunzip(), archive);
  reading.catch(() => undefined); // the entries end with the same error
  try {
    await asAdmin(connection, async (client) => {
      await client.query('begin');
      await read(client, entries, onTable);
      await reading;
      await client.query('commit');
    });
  } catch (thrown) {
    // What broke off in the midst of an entry says only that; why is known where the file is read.
    const isBrokenOff = (thrown as { code?: string }).code === 'STREAM_DESTROYED';
    const error: unknown = isBrokenOff
      ? await reading.then(
          () => thrown,
          (why: unknown) => why,
        )
      : thrown;
    source.destroy();
    archive.destroy();
    throw isOfFile(error) ? refused(`${file} cannot be read as an export: ${(error as Error).message}.`, error) : error;
  }
}

async function read(client: pg.Client, entries: Entries, onTable: OnTable): Promise<void> {
  const manifest = await readJson(entries, MANIFEST, Manifest);
  const tables = await requireSame(client, manifest);
  await requireEmpty(client, tables);
  const rows: End['rows'] = {};
  for (const table of tables) {
    rows[table.name] = await readTable(client, entries, table);
    onTable(table.name, rows[table.name]!);
  }
  const end = await readJson(entries, END, End);
  if (await entries.next()) throw refused(`The file goes on behind ${END}.`);
  const wrong = tables.filter(({ name }) => rows[name] !== end.rows[name]).map(({ name }) => name);
  if (wrong.length > 0) throw refused(`The export is not whole: rows of ${wrong.join(', ')} are missing.`);
  for (const { name, value, isCalled } of manifest.sequences) {
    await client.query('select setval($1::regclass, $2, $3)', [qualified(client, name), value, isCalled]);
  }
}

/** The tables as they are in both. */
async function requireSame(client: pg.Client, manifest: Manifest): Promise<Table[]> {
  const applied = await appliedMigrations(client);
  if (applied.join() !== manifest.migrations.join()) {
    const stateOf = (names: string[]) => (names.length === 0 ? 'before the first migration' : `at ${names.at(-1)}`);
    throw refused(
      `The export was made ${stateOf(manifest.migrations)}, the database is ${stateOf(applied)}: migrate it to the same state first.`,
    );
  }
  const tables = await tablesInOrder(client);
  if (JSON.stringify(tables) !== JSON.stringify(manifest.tables))
    throw refused('The tables of the export are not those of the database, though the migrations are the same.');
  return tables;
}

/** Holds the tables as well, so that nobody writes into them meanwhile. */
async function requireEmpty(client: pg.Client, tables: Table[]): Promise<void> {
  const names = tables.map(({ name }) => qualified(client, name));
  await client.query(`lock table ${names.join(', ')} in share row exclusive mode`);
  const full: string[] = [];
  for (const { name } of tables) {
    const { rowCount } = await client.query(`select from ${qualified(client, name)} limit 1`);
    if (rowCount) full.push(name);
  }
  if (full.length > 0) throw refused(`The database is not empty: there are rows in ${full.join(', ')}.`);
}

async function readTable(client: pg.Client, entries: Entries, table: Table): Promise<number> {
  const rows = client.query(copyFrom(`copy ${copyTarget(client, table)} from stdin`));
  try {
    await pipeline(entries.piecesOf(table.name), rows);
  } catch (error) {
    // Of the classes "data exception" and "integrity constraint violation".
    if (!/^2[23]/.test((error as { code?: string }).code ?? '')) throw error;
    throw refused(`The rows of ${table.name} do not fit: ${(error as Error).message}.`, error);
  }
  return rows.rowCount;
}

async function readJson<Schema extends z.ZodType>(
  entries: Entries,
  name: string,
  schema: Schema,
): Promise<z.output<Schema>> {
  const entry = await entries.next();
  if (entry?.header.name !== name) throw refused(`The file is not a whole export: ${name} is missing.`);
  let text = '';
  for await (const chunk of entry) text += chunk.toString();
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw refused(`The file is no export of this or an earlier release: ${name} is not as expected.`, error);
  }
}

interface Entry extends AsyncIterable<Buffer> {
  header: Header;
}

/** The entries of the archive, one after the other, with a look ahead. */
class Entries {
  #ahead: Entry | undefined;

  constructor(private readonly iterator: AsyncIterator<Entry>) {}

  async next(): Promise<Entry | undefined> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    if (ahead) return ahead;
    const { value, done } = (await this.iterator.next()) as { value: Entry | undefined; done?: boolean };
    return done ? undefined : value;
  }

  async *piecesOf(table: string): AsyncGenerator<Buffer> {
    for (;;) {
      const entry = await this.next();
      if (!entry || tableOfPiece(entry.header.name) !== table) {
        this.#ahead = entry;
        return;
      }
      yield* entry;
    }
  }
}

/** Of reading the file, gunzip and tar included, and not of the database. */
function isOfFile(error: unknown): boolean {
  if (error instanceof AppError || !(error instanceof Error)) return false;
  const { code, message } = error as Error & { code?: string };
  return (
    /^(Z_|ENOENT$|EACCES$|EPERM$|EISDIR$)/.test(code ?? '') ||
    /tar header|unexpected end of data|premature close/i.test(message)
  );
}
