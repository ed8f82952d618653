/**
 * The browser's way back (a key, a mouse's button, a phone's gesture) closes what is open, and with a terminal open it never leaves
 * the app without a word. An entry of our own lies above the page's: going back meets the page's first, and we are still here.
 */
import type { Clock } from '../../client/clock.ts';

/** How long a second step back leaves, when the first was met by a word. */
export const LEAVE_MS = 7_000;
export const LEAVE_TEXT = 'Go back once more to leave Holdfast. Your sessions go on.';
const MARK = 'holdfast';

export interface BackWorld {
  history: Pick<History, 'state' | 'pushState' | 'replaceState' | 'forward' | 'back'>;
  clock: Clock;
  /** Closes what lies on top. @returns false when nothing is open */
  closeTop: () => boolean;
  hasTerminal: () => boolean;
  say: (text: string) => void;
}

export function createBackGuard({ history, clock, closeTop, hasTerminal, say }: BackWorld) {
  const markOf = () => (history.state as Record<string, unknown> | null)?.[MARK];
  /** On the page's entry, with ours still ahead. */
  let isBelow = false;

  function stay() {
    if (isBelow) history.forward();
  }

  /** The person did something: browsers pass over entries that pages make by themselves. */
  const used = () => {
    if (isBelow) return stay();
    if (markOf() === 'above') return;
    history.replaceState({ ...(history.state as object | null), [MARK]: 'below' }, '');
    history.pushState({ [MARK]: 'above' }, '');
  };

  /** The browser went to another entry of this page. */
  const moved = () => {
    isBelow = markOf() === 'below';
    if (!isBelow) return;
    if (closeTop()) return stay();
    if (!hasTerminal()) return history.back();
    say(LEAVE_TEXT);
    clock.after(LEAVE_MS, stay);
  };

  return { used, moved };
}

/** @returns takes the listeners away again */
export function guardBack(world: Omit<BackWorld, 'history' | 'closeTop'>): () => void {
  const guard = createBackGuard({ ...world, history, closeTop });
  const used = (event: Event) => {
    if (!isWayBack(event)) guard.used();
  };
  const uses = ['keydown', 'pointerup'];
  for (const use of uses) addEventListener(use, used, { capture: true, passive: true });
  addEventListener('popstate', guard.moved);
  return () => {
    for (const use of uses) removeEventListener(use, used, { capture: true });
    removeEventListener('popstate', guard.moved);
  };
}

/** Alt+Left, ⌘[, the back button of a mouse or a keyboard: what goes back is not an act in the page. */
function isWayBack(event: Event): boolean {
  if (event instanceof PointerEvent) return event.button === 3;
  const { altKey, metaKey, key } = event as KeyboardEvent;
  return altKey || metaKey || ['Alt', 'Meta', 'BrowserBack'].includes(key);
}

/** As Escape does: each knows best how it is closed. */
function closeTop(): boolean {
  const top = [...document.querySelectorAll('[data-drawer], [role=dialog], [role=menu]')].at(-1);
  top?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, cancelable: true }));
  return top !== undefined;
}
