/**
 * How the app feels, in a real Chromium on an instance of its own from dist/: Lighthouse, the echo of a key on the screen
 * beside twenty busy sessions, a start without any server, and the heap of long use. Exit code 0 when every bound was kept.
 * npm run bench:app [-- --only lighthouse,echo,start,heap --minutes 5 --keys 200 --rounds 2 --lines 50 --runs 10]
 */
import { parseArgs } from 'node:util';
import { machine, printBounds, type Bound } from './bench/report.ts';
import { measureEcho } from './benchApp/echo.ts';
import { measureHeap } from './benchApp/heap.ts';
import { measureLighthouse } from './benchApp/lighthouse.ts';
import { measureWarmStart } from './benchApp/warmStart.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'lighthouse,echo,start,heap' },
    /** How long the app is used for the figures of its heap. */
    minutes: { type: 'string', default: '5' },
    /** Typed in each round of the echo. */
    keys: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '2' },
    /** That each of the other sessions prints in a second. */
    lines: { type: 'string', default: '50' },
    /** Starts of each kind. */
    runs: { type: 'string', default: '10' },
  },
});

const parts: Record<string, () => Promise<Bound[]>> = {
  lighthouse: measureLighthouse,
  echo: () =>
    measureEcho({ keys: Number(values.keys), rounds: Number(values.rounds), linesPerSecond: Number(values.lines) }),
  start: () => measureWarmStart(Number(values.runs)),
  heap: () => measureHeap(Number(values.minutes)),
};

const wanted = values.only.split(',');
const unknown = wanted.filter((name) => !(name in parts));
if (unknown.length > 0)
  throw new Error(`There is no ${unknown.join(' and no ')}; there are ${Object.keys(parts).join(', ')}.`);
console.log(machine());
const bounds: Bound[] = [];
for (const name of wanted) bounds.push(...(await parts[name]!()));
process.exitCode = printBounds(bounds) > 0 ? 1 : 0;
