/**
 * A program for tests: prints `bytes` bytes that are known in advance, in pieces, and ends.
 * Run in a raw terminal: node numberedOutput.mjs BYTES [STEP_BYTES]; after each STEP_BYTES it waits until a key is typed.
 */
import { createHash } from 'node:crypto';
import { readSync } from 'node:fs';

const LINE_BYTES = 64;

/** Numbered lines with pseudo-random filling, so that a lost, doubled or moved byte changes the hash. */
export function* numberedLines(totalBytes) {
  let seed = 1;
  const linesPerPiece = 256;
  for (let sent = 0, line = 0; sent < totalBytes;) {
    let piece = '';
    for (let i = 0; i < linesPerPiece; i++, line++) {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      piece += `${String(line).padStart(12, '0')} ${seed.toString(36)}`.padEnd(LINE_BYTES - 1, '.') + '\n';
    }
    const bytes = Buffer.from(piece).subarray(0, totalBytes - sent);
    sent += bytes.length;
    yield bytes;
  }
}

export function hashOf(totalBytes) {
  const hash = createHash('sha256');
  for (const piece of numberedLines(totalBytes)) hash.update(piece);
  return hash.digest('hex');
}

if (process.argv[1] === import.meta.filename) {
  const totalBytes = Number(process.argv[2]);
  const stepBytes = Number(process.argv[3] ?? Infinity);
  let sent = 0;
  for (const piece of numberedLines(totalBytes)) {
    if (Math.floor(sent / stepBytes) < Math.floor((sent + piece.length) / stepBytes)) readSync(0, Buffer.alloc(1));
    sent += piece.length;
    if (!process.stdout.write(piece)) await new Promise((resolve) => process.stdout.once('drain', resolve));
  }
}
