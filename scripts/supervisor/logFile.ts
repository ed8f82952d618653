/** Log files of children: appended to, put aside when large. */
import { existsSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';

const MAX_LOG_BYTES = 20 * 1024 * 1024;

/** A descriptor to append to. A file above 20 MB is put aside as `.1`, so that a folder holds at most twice that per child. */
export function openLog(file: string): number {
  rotateLog(file);
  return openSync(file, 'a', 0o600);
}

export function rotateLog(file: string): void {
  if (existsSync(file) && statSync(file).size > MAX_LOG_BYTES) renameSync(file, `${file}.1`);
}

/** The last line that says something, for an error message: a JSON line's `msg`, else the line itself. */
export function lastLogLine(file: string): string {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').slice(-8192).trim().split('\n') : [];
  const lastError = lines.findLast((line) => /error|fatal|"level":(50|60)/i.test(line)) ?? lines.at(-1) ?? '';
  try {
    const { msg } = JSON.parse(lastError) as { msg?: string };
    return msg ?? lastError;
  } catch {
    return lastError.trim() || 'it wrote nothing';
  }
}
