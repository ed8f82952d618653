import fc from 'fast-check';
import { expect, test } from 'vitest';
import { steps, type Step } from '../testing/escapeSequences.ts';
import { cutAt, neverCut, PROBE, type Recording } from '../testing/screenCuts.ts';

function recordingOf(list: Step[]): Recording {
  const parts: Buffer[] = [];
  const sizes = [{ offset: 0, cols: 40, rows: 10 }];
  let offset = 0;
  const print = (text: string) => (offset += parts[parts.push(Buffer.from(text)) - 1]!.length);
  let isAlternate = false;
  for (const step of list) {
    if ('text' in step) {
      print(step.text);
      isAlternate = /\x1b\[\?(1049|47|1047)h/.test(step.text) || (isAlternate && !/l$|\x1bc$/.test(step.text));
      continue;
    }
    sizes.push({ offset, ...step });
    // What a smaller window hides of the alternate screen cannot be drawn, and programs draw themselves again anyway.
    if (isAlternate) print('\x1b[2J');
  }
  return { bytes: Buffer.concat(parts), sizes };
}

/** The same cases every time, unless others are asked for; a failure names its seed. */
const RUNS = Number(process.env.HOLDFAST_CUT_RUNS ?? 150);
const SEED = Number(process.env.HOLDFAST_CUT_SEED ?? 2026);

test(
  'whatever a program prints, a picture at any cut and the bytes after it make the same terminal',
  { timeout: 600_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.array(fc.nat(), { minLength: 1, maxLength: 4 }), async (list, seeds) => {
        const recording = recordingOf(list);
        const cuts = [...new Set(seeds.map((seed) => seed % (recording.bytes.length + 1)))].sort((a, b) => a - b);
        for (const probe of ['', PROBE.join('')]) {
          const whole = await neverCut(recording, probe);
          for (const { dump } of await cutAt(recording, cuts, probe)) expect(dump).toEqual(whole);
        }
      }),
      { numRuns: RUNS, seed: SEED },
    );
  },
);
