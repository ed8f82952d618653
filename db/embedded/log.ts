/** Reads the reason of a failed start from the end of PostgreSQL's log. */
import { readFileSync } from 'node:fs';

export function lastFatalLine(logFile: string): string {
  const lines = readTail(logFile).split('\n').filter(Boolean);
  const line = lines.findLast((text) => /FATAL|PANIC/.test(text)) ?? lines.at(-1) ?? 'it wrote no reason';
  return line.replace(/^.*?(FATAL|PANIC): +/, '');
}

function readTail(logFile: string): string {
  try {
    return readFileSync(logFile, 'utf8').slice(-16_384);
  } catch {
    return '';
  }
}
