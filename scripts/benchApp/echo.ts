/** How long a key takes to be seen on the screen: alone, and in a window where many other sessions are open, silent or printing. */
import type { Page } from 'playwright-core';
import { waitForScreen } from '../../server/testing/browser.ts';
import { goTo, openTalkers, showInPanes, turn } from '../../server/testing/manySessions.ts';
import { ascending, fixed, percentile, type Bound } from '../bench/report.ts';
import { onStage, sleep, type Stage } from './stage.ts';

const ECHO_MS = 50;
const OTHERS = 19;
const PANES = 8;
/** Between two keys: a fast typist's pace, and never in step with frames. */
const REST_MS = 60;
const WARM_UP_KEYS = 20;
const SETTLE_MS = 1_500;

/** Says every key that it gets, each in a word of its own, on one line that is always drawn anew. */
const SAY_KEYS = String.raw`$| = 1; print "keys are said\r\n";
while (sysread(STDIN, $key, 1)) { $n++; print "\r\e[2Kkey-$n-$key" }`;

export interface EchoOptions {
  keys: number;
  rounds: number;
  /** Of each of the others while it prints. */
  linesPerSecond: number;
}

export async function measureEcho(options: EchoOptions): Promise<Bound[]> {
  return onStage({}, async (stage) => {
    const { hf, page } = stage;
    const command = ['/bin/sh', '-c', 'stty raw -echo; exec perl -e "$0"', SAY_KEYS];
    const said = await hf.sessions.open({ command, cols: 80, rows: 24 });
    await page.locator('.session .open').first().click();
    await waitForScreen(page, /^keys are said/);
    console.log(`\necho on the screen, ms (${OTHERS} others in ${PANES} panes)       p50      p95      p99    worst`);
    const watch = await KeyWatch.on(page);
    print('alone', await watch.measure(options.keys));

    const others = await openTalkers(hf, OTHERS, options.linesPerSecond);
    await showInPanes(page, [said, ...others], PANES);
    await goTo(page, said.id);
    const busy: number[] = [];
    for (let round = 1; round <= options.rounds; round++) {
      await settle(stage);
      print(`others silent, round ${round}`, await watch.measure(options.keys));
      await turn(hf, others, 'on');
      await settle(stage);
      const times = await watch.measure(options.keys);
      print(`others print ${options.linesPerSecond} lines/s each, round ${round}`, times);
      busy.push(...times);
      await turn(hf, others, 'off');
    }
    const value = percentile(ascending(busy), 0.95);
    return [{ name: `echo on the screen beside ${OTHERS} busy sessions, p95`, value, most: ECHO_MS, unit: 'ms' }];
  });
}

async function settle({ page }: Stage): Promise<void> {
  await page.waitForFunction(() => document.activeElement?.classList.contains('xterm-helper-textarea'));
  await sleep(SETTLE_MS);
}

/** Counts from the browser's own time of the key to the end of the frame in which its echo is drawn. */
class KeyWatch {
  #count = 0;

  private constructor(readonly page: Page) {}

  static async on(page: Page): Promise<KeyWatch> {
    await page.addInitScript(watchEchoes);
    await page.evaluate(watchEchoes);
    return new KeyWatch(page);
  }

  async measure(keys: number): Promise<number[]> {
    for (let i = 0; i < WARM_UP_KEYS; i++) await this.#press();
    const times: number[] = [];
    for (let i = 0; i < keys; i++) times.push(await this.#press());
    return times;
  }

  async #press(): Promise<number> {
    const number = ++this.#count;
    const key = 'abcdefghijklmnopqrstuvwxyz'[number % 26]!;
    await this.page.evaluate((word) => (window as unknown as EchoWindow).awaitEcho(word), `key-${number}-${key}`);
    await this.page.keyboard.press(key);
    const time = await this.page.evaluate(() => (window as unknown as EchoWindow).echoed);
    await sleep(REST_MS * (0.5 + Math.random()));
    return time;
  }
}

interface EchoWindow {
  awaitEcho(word: string): void;
  echoed: Promise<number>;
}

/** In the page. */
function watchEchoes(): void {
  Object.assign(window, {
    awaitEcho(word: string) {
      const echoed = new Promise<number>((resolve) => {
        let pressedAt = 0;
        addEventListener('keydown', (event) => (pressedAt = event.timeStamp), { capture: true, once: true });
        const rows = document.activeElement!.closest('.xterm')!.querySelector('.xterm-rows')!;
        const seen = new MutationObserver(() => {
          if (!rows.textContent?.includes(word)) return;
          seen.disconnect();
          // Drawn within a frame: the next task runs when that frame has been laid out and painted.
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = () => resolve(performance.now() - pressedAt);
          port2.postMessage(null);
        });
        seen.observe(rows, { subtree: true, childList: true, characterData: true });
      });
      Object.assign(window, { echoed });
    },
  });
}

function print(name: string, times: number[]): void {
  const sorted = ascending(times);
  const columns = [0.5, 0.95, 0.99, 1].map((share) => fixed(percentile(sorted, share), 1)).join(' ');
  console.log(`${name.padEnd(50)}${columns}`);
}
