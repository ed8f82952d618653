import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fc } from '../testing/property.ts';
import { afterEach, expect, test } from 'vitest';
import { OutputLog } from './outputLog.ts';

const directories: string[] = [];
const newDirectory = () => {
  const directory = mkdtempSync(join(tmpdir(), 'hf-log-'));
  directories.push(directory);
  return directory;
};
afterEach(() => directories.splice(0).forEach((directory) => rmSync(directory, { recursive: true, force: true })));

test('a client resumes at the byte it stopped at', () => {
  const log = new OutputLog(newDirectory(), 1024);
  log.append(Buffer.from('make '), 0);
  const seen = log.end;
  log.append(Buffer.from('test\r\n'), 0);
  expect(log.read(seen, 1024).toString()).toBe('test\r\n');
});

test('reading at the end gives nothing, beyond it or before the start is an error', () => {
  const log = new OutputLog(newDirectory(), 16, 8);
  for (let i = 0; i < 41; i++) log.append(Buffer.from('x'), 0);
  expect(log.read(41, 10).length).toBe(0);
  expect(() => log.read(42, 10)).toThrow(expect.objectContaining({ code: 'session.log_pruned' }));
  expect(log.start).toBeGreaterThan(0);
  expect(() => log.read(log.start - 1, 10)).toThrow(expect.objectContaining({ code: 'session.log_pruned' }));
});

test('whatever is appended in whatever pieces, what is kept reads back exactly, and enough is kept', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ minLength: 1, maxLength: 30 }), { maxLength: 40 }), (pieces) => {
      const log = new OutputLog(newDirectory(), 64, 16);
      let whole = '';
      for (const piece of pieces) {
        log.append(Buffer.from(piece, 'latin1'), 0);
        whole += Buffer.from(piece, 'latin1').toString('latin1');
        expect(log.end).toBe(whole.length);
        expect(log.end - log.start).toBeGreaterThanOrEqual(Math.min(64, whole.length));
        expect(log.end - log.start).toBeLessThanOrEqual(64 + 16 + 30);
      }
      log.close();
      expect(readBack(log)).toBe(whole.slice(log.start));
    }),
    { numRuns: 60 },
  );
});

/** All that is kept, over as many reads as it takes. */
function readBack(log: OutputLog): string {
  let text = '';
  for (let at = log.start; at < log.end;) {
    const part = log.read(at, 7);
    text += part.toString('latin1');
    at += part.length;
  }
  return text;
}

test('a new log on the same directory goes on where the old one stopped', () => {
  const directory = newDirectory();
  const first = new OutputLog(directory, 1024);
  first.append(Buffer.from('one '), 0);
  first.close();
  const second = new OutputLog(directory, 1024);
  second.append(Buffer.from('two'), 0);
  expect([second.start, second.end, readBack(second)]).toEqual([0, 7, 'one two']);
  second.close();
});

test('sizes are kept at their offsets', () => {
  const log = new OutputLog(newDirectory(), 1024);
  log.markSize(80, 24, 0);
  log.append(Buffer.from('abc'), 1);
  log.markSize(100, 30, 2);
  expect(log.sizes()).toEqual([
    { offset: 0, cols: 80, rows: 24 },
    { offset: 3, cols: 100, rows: 30 },
  ]);
});
