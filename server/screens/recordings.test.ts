import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { fc } from '../testing/property.ts';
import { expect, test } from 'vitest';
import { cutAt, neverCut, PROBE, type Recording } from '../testing/screenCuts.ts';

const FOLDER = join(import.meta.dirname, 'recordings');
const names = readdirSync(FOLDER).map((file) => file.replace('.gz', ''));
/** Recordings up to this long are cut at every byte. */
const SHORT_BYTES = 1_000;
/** The same places every time, unless others are asked for; a failure names its cut. */
const CUTS = Number(process.env.HOLDFAST_CUTS ?? 25);
const SEED = Number(process.env.HOLDFAST_CUT_SEED ?? 2026);

/** Made by server/testing/recordScreen.ts: a line of JSON, and what the program printed. */
function recordingOf(name: string): Recording {
  const file = gunzipSync(readFileSync(join(FOLDER, `${name}.gz`)));
  const headEnd = file.indexOf('\n');
  const { sizes } = JSON.parse(file.toString('utf8', 0, headEnd)) as Pick<Recording, 'sizes'>;
  return { sizes, bytes: file.subarray(headEnd + 1) };
}

async function compare(recording: Recording, cuts: number[]): Promise<void> {
  for (const probe of ['', PROBE.join('')]) {
    const whole = await neverCut(recording, probe);
    for (const { cut, dump } of await cutAt(recording, cuts, probe))
      expect({ cut, ...dump }).toEqual({ cut, ...whole });
  }
}

test('there are recordings of all kinds of programs', () => {
  const wanted = ['claude', 'dialog', 'htop', 'less', 'links', 'mc', 'shell', 'tmux', 'vim', 'wide'];
  expect(names.sort()).toEqual(wanted);
});

test.each(names)('%s, cut anywhere, goes on as if it had not been cut', { timeout: 600_000 }, async (name) => {
  const recording = recordingOf(name);
  const { length } = recording.bytes;
  if (length <= SHORT_BYTES)
    return compare(
      recording,
      Array.from({ length: length + 1 }, (_, cut) => cut),
    );
  const cuts = fc.uniqueArray(fc.nat(length), { minLength: CUTS, maxLength: CUTS });
  const ascending = cuts.map((all) => all.sort((a, b) => a - b));
  await fc.assert(
    fc.asyncProperty(ascending, (all) => compare(recording, all)),
    { numRuns: 1, endOnFailure: true, seed: SEED },
  );
});
