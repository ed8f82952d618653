/** Writes all rows of the schema into one file, as they were at one moment. */
import { createWriteStream, existsSync, renameSync, rmSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { pack, type Pack } from 'tar-stream';
import { AppError } from '../../protocol/errors.ts';
import type { Connection } from '../connect.ts';
import { asAdmin } from '../databases.ts';
import { END, MANIFEST, PIECE_BYTES, pieceName, type End, type Manifest } from './archive.ts';
import { appliedMigrations, copyTarget, sequences, tablesInOrder, type Table } from './tables.ts';

/** Told of each table that is written; the next one waits for it. */
type OnTable = (table: string, rows: number) => void | Promise<void>;

/** The file is for its owner alone and appears when it is whole. @throws AppError `config.invalid` when there is one already */
export async function exportDatabase(connection: Connection, file: string, onTable: OnTable): Promise<void> {
  if (existsSync(file)) throw new AppError('config.invalid', `There is a file ${file} already.`);
  const unfinished = `${file}.part`;
  const archive = pack();
  const written = pipeline(archive, createGzip(), createWriteStream(unfinished, { mode: 0o600, flags: 'wx' }));
  try {
    await Promise.all([written, asAdmin(connection, (client) => write(client, archive, onTable))]).catch((error) => {
      archive.destroy(error as Error);
      throw error;
    });
    renameSync(unfinished, file);
  } catch (error) {
    await written.catch(() => undefined);
    // One that was there before belongs to another export.
    if ((error as { code?: string }).code !== 'EEXIST') rmSync(unfinished, { force: true });
    throw error;
  }
}

async function write(client: pg.Client, archive: Pack, onTable: OnTable): Promise<void> {
  // All that follows sees what was committed by now, and nothing else.
  await client.query('begin isolation level repeatable read read only');
  const migrations = await appliedMigrations(client);
  if (migrations.length === 0)
    throw new AppError('config.invalid', 'The database has no tables of ours: there is nothing to export.');
  const tables = await tablesInOrder(client);
  const manifest: Manifest = {
    format: 1,
    madeAt: new Date().toISOString(),
    migrations,
    tables,
    sequences: await sequences(client),
  };
  await add(archive, MANIFEST, JSON.stringify(manifest, null, 2));
  const end: End = { rows: {} };
  for (const table of tables) {
    const count = await writeTable(client, archive, table);
    end.rows[table.name] = count;
    await onTable(table.name, count);
  }
  await client.query('commit');
  await add(archive, END, JSON.stringify(end, null, 2));
  archive.finalize();
}

async function writeTable(client: pg.Client, archive: Pack, table: Table): Promise<number> {
  const rows = client.query(copyTo(`copy ${copyTarget(client, table)} to stdout`));
  let chunks: Buffer[] = [];
  let bytes = 0;
  let number = 0;
  const addPiece = async () => {
    await add(archive, pieceName(table.name, ++number), Buffer.concat(chunks, bytes));
    chunks = [];
    bytes = 0;
  };
  for await (const chunk of rows as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= PIECE_BYTES) await addPiece();
  }
  if (bytes > 0) await addPiece();
  return rows.rowCount;
}

/** Resolves when the entry was taken up by whoever reads the archive, so that no more than a piece waits in memory. */
function add(archive: Pack, name: string, content: string | Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const entry = { name, mode: 0o600, size: Buffer.byteLength(content) };
    archive.entry(entry, (error) => (error ? reject(error) : resolve())).end(content);
  });
}
