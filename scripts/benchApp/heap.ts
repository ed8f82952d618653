/** What the window keeps in memory after long use: everything that can be done is done over and over, and each time as much must be given back. */
import type { CDPSession } from 'playwright-core';
import { typeLine, waitForConnection, waitForScreen } from '../../server/testing/browser.ts';
import { fixed, type Bound } from '../bench/report.ts';
import { useEverything } from './everyday.ts';
import { onStage, sleep } from './stage.ts';

/** Of the heap after the warm-up. */
const MOST_PERCENT = 110;
const WARM_UP_ROUNDS = 3;
/** Longer than anything of the app waits before it tidies up: animations, kept screens, toasts. */
const REST_MS = 8_000;

interface Memory {
  heapMB: number;
  /** Of the DOM, whether they are in the document or only held. */
  nodes: number;
  listeners: number;
  /** Elements of terminals that are in no document and still held. */
  detachedTerminals: number;
  sockets: number;
}

/** One session stays open all the time, and is as it was whenever it is measured. */
export async function measureHeap(minutes: number): Promise<Bound[]> {
  return onStage({}, async (stage) => {
    const { page } = stage;
    await page.getByRole('button', { name: /open a terminal/i }).click();
    await waitForConnection(page, 'online');
    await typeLine(page, 'PS1="$ "; clear; echo first-"session"');
    await waitForScreen(page, /^first-session/);
    const meter = await page.context().newCDPSession(page);
    console.log('\nheap after rounds of use   heap MB  DOM nodes  listeners  terminals held  sockets');
    for (let round = 1; round <= WARM_UP_ROUNDS; round++) await useEverything(stage);
    const before = print(`warm, ${WARM_UP_ROUNDS} rounds`, await measure(meter));
    const endsAt = Date.now() + minutes * 60_000;
    let [after, rounds] = [before, 0];
    while (Date.now() < endsAt) {
      await useEverything(stage);
      after = print(`${++rounds} more`, await measure(meter));
    }
    const heap = (after.heapMB / before.heapMB) * 100;
    return [
      { name: `heap after ${minutes} min of use, of the one before`, value: heap, most: MOST_PERCENT, unit: '%' },
      { name: 'terminals held that are not shown', value: after.detachedTerminals, most: 0, unit: '' },
    ];
  });
}

async function measure(meter: CDPSession): Promise<Memory> {
  await sleep(REST_MS);
  await meter.send('HeapProfiler.enable');
  for (let i = 0; i < 2; i++) await meter.send('HeapProfiler.collectGarbage');
  const { usedSize } = await meter.send('Runtime.getHeapUsage');
  const { nodes, jsEventListeners } = await meter.send('Memory.getDOMCounters');
  const heldTerminals =
    'function () { return this.filter((one) => !one.isConnected && one.matches(".xterm")).length; }';
  const length = 'function () { return this.length; }';
  return {
    heapMB: usedSize / 1e6,
    nodes,
    listeners: jsEventListeners,
    detachedTerminals: await askObjects(meter, 'HTMLDivElement', heldTerminals),
    sockets: await askObjects(meter, 'WebSocket', length),
  };
}

/** Calls `question` on an array of all objects of this class that are alive. */
async function askObjects(meter: CDPSession, type: string, question: string): Promise<number> {
  const objectGroup = 'bench';
  const { result } = await meter.send('Runtime.evaluate', { expression: `${type}.prototype`, objectGroup });
  const { objects } = await meter.send('Runtime.queryObjects', { prototypeObjectId: result.objectId!, objectGroup });
  const call = { objectId: objects.objectId!, functionDeclaration: question, returnByValue: true };
  const answer = await meter.send('Runtime.callFunctionOn', call);
  await meter.send('Runtime.releaseObjectGroup', { objectGroup });
  return answer.result.value as number;
}

function print(name: string, memory: Memory): Memory {
  const { heapMB, nodes, listeners, detachedTerminals, sockets } = memory;
  const counts = [nodes, listeners, detachedTerminals, sockets];
  const widths = [11, 11, 16, 9];
  console.log(
    `${name.padEnd(24)}${fixed(heapMB, 2).padStart(10)}${counts.map((count, at) => String(count).padStart(widths[at]!)).join('')}`,
  );
  return memory;
}
