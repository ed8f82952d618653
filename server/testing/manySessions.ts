/** A window full of sessions, in tabs and panes, that print for as long as they are told to. */
import type { Page } from 'playwright-core';
import type { Holdfast } from '../../client/index.ts';
import type { Session } from '../../protocol/sessions.ts';
import { deferred } from '../base/deferred.ts';

/** `on` lets it print and `off` stops it, each as often as it is said; stopped, it says its last line. */
const TALK = `stty -echo; n=0; echo "session $1 is ready"
while read -r word; do
  while [ "$word" = on ] && ! { read -r -t 0.1 next && [ "$next" = off ]; }; do
    for ((i = 0; i < $2; i++)); do echo "session $1 prints line $((n += 1)) of what a build may say"; done
  done
  echo "last line of session $1"
done`;
const TICKS_A_SECOND = 10;
/** Said again: programs of bash whose `read` ran out of time were seen to miss a line, the same in perl never. */
const AGAIN_MS = 1_000;

export const lastLineOf = (number: number) => `last line of session ${number}`;

/** @param linesPerSecond of each while it prints, in steps of ten */
export async function openTalkers(hf: Holdfast, count: number, linesPerSecond: number): Promise<Session[]> {
  const perTick = String(Math.ceil(linesPerSecond / TICKS_A_SECOND));
  const numbers = Array.from({ length: count }, (_, number) => String(number));
  const open = (number: string) =>
    hf.sessions.open({ command: ['/bin/bash', '-c', TALK, 'talk', number, perTick], cols: 80, rows: 24 });
  return Promise.all(numbers.map(open));
}

/** Lets them print, or stops them; resolves when each has been heard to. */
export async function turn(hf: Holdfast, sessions: readonly Session[], to: 'on' | 'off'): Promise<void> {
  await Promise.all(
    sessions.map((session, number) => turnOne(hf, session, to, to === 'on' ? /prints/ : lastLine(number))),
  );
}

const lastLine = (number: number) => new RegExp(`${lastLineOf(number)}\r\n`);

async function turnOne(hf: Holdfast, session: Session, word: string, wanted: RegExp): Promise<void> {
  let heard = '';
  let isTold = false;
  const [attached, answered] = [deferred<void>(), deferred<void>()];
  const attachment = await hf.sessions.attach(session.id, {
    onSnapshot: () => attached.resolve(),
    onOutput(bytes) {
      attached.resolve();
      if (isTold) heard += Buffer.from(bytes).toString();
      if (wanted.test(heard)) answered.resolve();
    },
  });
  await attached.promise;
  isTold = true;
  const say = () => attachment.write(`${word}\n`);
  say();
  const again = setInterval(say, AGAIN_MS);
  await answered.promise;
  clearInterval(again);
  attachment.detach();
}

/** Opens all of them in this window, in so many panes of two rows, as a reload finds them; each is gone to once. */
export async function showInPanes(page: Page, sessions: readonly Session[], panes: number): Promise<void> {
  const ids = sessions.map(({ id }) => id);
  await page.evaluate(
    ([tabs, dock]) => {
      sessionStorage.setItem('holdfast.person.tabs', JSON.stringify(tabs));
      sessionStorage.setItem('holdfast.person.panes', JSON.stringify(dock));
    },
    [{ open: ids, active: ids[0] }, layoutOf(ids, panes)] as const,
  );
  await page.reload();
  await page
    .locator('.dock-tab')
    .nth(ids.length - 1)
    .waitFor({ state: 'attached' });
  for (const id of ids) await goTo(page, id);
}

/** By its tab in the title bar; its terminal has the focus then. */
export async function goTo(page: Page, id: string): Promise<void> {
  await page.locator(`#tab-${id}`).click();
  const terminal = `[data-testid="terminal"][data-session-id="${id}"][data-state="live"]`;
  await page.locator(`${terminal} .xterm-helper-textarea:focus`).waitFor();
}

/** As dockview writes it. */
function layoutOf(ids: readonly string[], panes: number) {
  const size = 100;
  const views = Array.from({ length: panes }, (_, pane) => ids.filter((_, at) => at % panes === pane));
  const leaves = views.map((own, at) => ({
    type: 'leaf',
    data: { views: own, activeView: own[0], id: String(at + 1) },
    size,
  }));
  const columns = Array.from({ length: Math.ceil(panes / 2) }, (_, at) => ({
    type: 'branch',
    data: leaves.slice(at * 2, at * 2 + 2),
    size,
  }));
  const panel = (id: string) => ({
    id,
    contentComponent: 'session',
    tabComponent: 'session',
    title: id,
    renderer: 'always',
  });
  return {
    grid: {
      root: { type: 'branch', data: columns, size: 2 * size },
      width: columns.length * size,
      height: 2 * size,
      orientation: 'HORIZONTAL',
    },
    panels: Object.fromEntries(ids.map((id) => [id, panel(id)])),
    activeGroup: '1',
  };
}
