/** Tokens that were kept on this machine, one for each address; for nobody else to read. */
import { chmodSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../protocol/errors.ts';

const Saved = z.record(z.string(), z.string());

/** @throws AppError `config.invalid` when the file is of no use, or others may read it */
export function savedToken(configDir: string, url: string): string | undefined {
  return readAll(fileIn(configDir))[url];
}

/** @returns where it lies. @throws AppError `config.invalid` */
export function saveToken(configDir: string, url: string, token: string): string {
  const file = fileIn(configDir);
  const all = { ...readAll(file), [url]: token };
  mkdirSync(configDir, { recursive: true, mode: 0o700 });
  // Beside it and then in its place: a second terminal never reads half a file.
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(all, null, 2)}\n`, { mode: 0o600 });
  chmodSync(draft, 0o600);
  renameSync(draft, file);
  return file;
}

function fileIn(configDir: string): string {
  return join(configDir, 'tokens.json');
}

function readAll(file: string): Record<string, string> {
  try {
    if ((statSync(file).mode & 0o077) !== 0)
      throw new AppError('config.invalid', `${file} can be read by others: chmod 600 ${file}`);
    return Saved.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if (error instanceof AppError) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new AppError('config.invalid', `${file} cannot be used: mend or remove it`, { cause: error });
  }
}
