import { appendFileSync, closeSync, mkdtempSync, openSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fc } from '../testing/property.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { OutputLog } from './outputLog.ts';

const CAPACITY = 48;
const SEGMENT = 16;
const PIECE = 40;

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'hf-log-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** The log, and what it must stand for. */
interface Both {
  directory: string;
  log: OutputLog;
  /** All that was ever printed. */
  whole: string;
  sizes: { offset: number; cols: number; rows: number }[];
  crash(): void;
}

type Step = (both: Both) => void;

const letters = fc.string({ unit: fc.constantFrom(...'abcdefghij'), minLength: 1, maxLength: PIECE });
const printed = letters.map((text): Step => (both) => {
  both.log.append(Buffer.from(text), 0);
  both.whole += text;
});
const resized = fc
  .tuple(fc.integer({ min: 2, max: 99 }), fc.integer({ min: 1, max: 99 }))
  .map(([cols, rows]): Step => (both) => {
    both.log.markSize(cols, rows, 0);
    both.sizes.push({ offset: both.whole.length, cols, rows });
  });
const read = fc.tuple(fc.nat(400), fc.integer({ min: 1, max: 60 })).map(([from, most]): Step => ({ log, whole }) => {
  if (from < log.start || from > whole.length) {
    expect(() => log.read(from, most)).toThrow(expect.objectContaining({ code: 'session.log_pruned' }));
    return;
  }
  const bytes = log.read(from, most).toString();
  expect(whole.slice(from, from + most).startsWith(bytes)).toBe(true);
  expect(bytes.length > 0).toBe(from < whole.length);
});
const closed = fc.constant<Step>((both) => {
  both.log.close();
  both.crash();
});
/** The host dies without a word… */
const killed = fc.constant<Step>((both) => both.crash());
/** …in the middle of a write: the kernel has taken some of it. */
const killedInWrite = letters.map((text): Step => (both) => {
  const last = readdirSync(both.directory)
    .filter((name) => name.endsWith('.out'))
    .sort()
    .at(-1);
  if (last) {
    appendFileSync(join(both.directory, last), text);
    both.whole += text;
  }
  both.crash();
});
/** …when the next segment was made, and nothing was in it. */
const killedBetweenSegments = fc.constant<Step>((both) => {
  const name = `${String(both.whole.length).padStart(16, '0')}.out`;
  closeSync(openSync(join(both.directory, name), 'a'));
  both.crash();
});
/** …in the middle of a mark. */
const killedInMark = fc.constant<Step>((both) => {
  appendFileSync(join(both.directory, 'marks.jsonl'), '{"offset":1,"at":');
  both.crash();
});

test('whatever is printed, read and crashed in whatever order, the log keeps what it took, exactly, and enough of it', () => {
  let run = 0;
  const step = fc.oneof(
    { weight: 6, arbitrary: printed },
    { weight: 3, arbitrary: read },
    resized,
    closed,
    killed,
    killedInWrite,
    killedBetweenSegments,
    killedInMark,
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const directory = join(root, String(run++));
      const open = () => new OutputLog(directory, CAPACITY, SEGMENT);
      const earlier: OutputLog[] = [];
      const both: Both = {
        directory,
        log: open(),
        whole: '',
        sizes: [],
        crash() {
          earlier.push(both.log); // its descriptor is open, as after a crash; closed below
          both.log = open();
        },
      };
      for (const take of steps) {
        take(both);
        const { log, whole } = both;
        expect(log.end).toBe(whole.length);
        expect(log.end - log.start).toBeGreaterThanOrEqual(Math.min(CAPACITY, whole.length));
        expect(log.sizes()).toEqual(both.sizes);
      }
      let kept = '';
      while (both.log.start + kept.length < both.log.end)
        kept += both.log.read(both.log.start + kept.length, 7).toString();
      expect(kept).toBe(both.whole.slice(both.log.start));
      for (const log of [...earlier, both.log]) log.close();
    }),
    { numRuns: 300 },
  );
});
