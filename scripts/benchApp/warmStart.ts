/** How long a window takes to show itself and its last screen when no server answers. */
import type { Page } from 'playwright-core';
import { typeLine, waitForConnection, waitForScreen } from '../../server/testing/browser.ts';
import { ascending, fixed, percentile, type Bound } from '../bench/report.ts';
import { onStage, sleep, type Stage } from './stage.ts';

const FIRST_PAINT_MS = 300;
/** Longer than the screen of a session that has become quiet waits until it is kept. */
const KEPT_AFTER_MS = 3_000;
const LAST = 'kept-for-later';

interface Start {
  paintMs: number;
  screenMs: number;
}

export async function measureWarmStart(runs: number): Promise<Bound[]> {
  return onStage({}, async (stage) => {
    const { page, browser, stack } = stage;
    await page.getByRole('button', { name: /open a terminal/i }).click();
    await waitForConnection(page, 'online');
    await typeLine(page, `clear; seq -f "line %g" 30; echo "" ${LAST}`);
    await waitForScreen(page, new RegExp(`^ ${LAST}`));
    await sleep(KEPT_AFTER_MS);
    await stack.stop();
    stage.network.block();
    await page.close();

    const [windows, browsers]: Start[][] = [[], []];
    for (let run = 0; run < runs; run++) windows!.push(await startIn(await browser.context.newPage(), stage));
    for (let run = 0; run < runs; run++) {
      await browser.restart();
      browsers!.push(await startIn(await browser.context.newPage(), stage));
    }
    console.log('\nwarm start without a server       first paint, median  worst    last screen, median  worst ms');
    return [print('a window more', windows!), print('the browser begun anew', browsers!)];
  });
}

/** Both counted from the beginning of the navigation. */
async function startIn(page: Page, { origin }: Stage): Promise<Start> {
  await page.addInitScript((last) => {
    const seen = new MutationObserver(() => {
      if (!document.querySelector('.xterm-rows')?.textContent?.includes(last)) return;
      seen.disconnect();
      Object.assign(window, { screenMs: performance.now() });
    });
    seen.observe(document, { subtree: true, childList: true, characterData: true });
  }, LAST);
  await page.goto(origin);
  await page.waitForFunction(() => 'screenMs' in window);
  const start = await page.evaluate(() => ({
    paintMs: performance.getEntriesByName('first-contentful-paint')[0]!.startTime,
    screenMs: (window as unknown as { screenMs: number }).screenMs,
  }));
  await page.close();
  return start;
}

function print(name: string, starts: Start[]): Bound {
  const [paints, screens] = [ascending(starts.map((one) => one.paintMs)), ascending(starts.map((one) => one.screenMs))];
  const columns = [paints, screens].map((sorted) => `${fixed(percentile(sorted, 0.5), 0)} ${fixed(sorted.at(-1)!, 0)}`);
  console.log(`${name.padEnd(34)}            ${columns.join('              ')}`);
  return {
    name: `first paint without a server, ${name}, median`,
    value: percentile(paints, 0.5),
    most: FIRST_PAINT_MS,
    unit: 'ms',
  };
}
