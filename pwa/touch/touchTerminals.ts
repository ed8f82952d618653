/** Listens to fingers on every terminal of the window. A tap is left to the browser, which gives the terminal the focus. */
import { systemClock } from '../../client/clock.ts';
import { terminalAround, type TerminalInView } from '../terminal/inView.ts';
import { Gesture, type Point } from './gesture.ts';
import { TouchScroll } from './scrolling.ts';
import { beginSelection, extendSelection } from './touchSelection.ts';

export interface TouchUse {
  changeTextSize: (step: 1 | -1) => void;
}

/** @returns ends it */
export function touchTerminals({ changeTextSize }: TouchUse, page: Document = document): () => void {
  let view: TerminalInView | null = null;
  let scroll: TouchScroll | null = null;
  let at: Point = { x: 0, y: 0 };
  const gesture = new Gesture(
    {
      scrolled: (dx, dy) => scroll?.by(dx, dy, at),
      flung: (velocity) => mayMove() && scroll?.fling(velocity, at),
      pressed: (point) => view && beginSelection(view, point),
      dragged: (point) => view && extendSelection(view, point),
      pinched: changeTextSize,
    },
    systemClock,
  );

  function down(event: TouchEvent) {
    scroll?.stop();
    view = event.target instanceof Node ? terminalAround(event.target) : null;
    if (!view) return;
    keepFromEngine(event);
    if (scroll?.view !== view) scroll = new TouchScroll(view);
    gesture.down(pointsOf(event));
  }

  function move(event: TouchEvent) {
    if (!view) return;
    keepFromEngine(event);
    [at = at] = pointsOf(event);
    gesture.move(pointsOf(event));
    if (gesture.isOurs && event.cancelable) event.preventDefault();
  }

  function up(event: TouchEvent) {
    if (!view) return;
    keepFromEngine(event);
    if (event.touches.length > 0) return;
    // Else a click follows, which would end the selection or open the keyboard.
    if (gesture.isOurs && event.cancelable) event.preventDefault();
    gesture.end(event.type === 'touchcancel');
  }

  /** The browser's own menu of a long press. */
  const menu = (event: Event) => {
    if (view && gesture.isOurs) event.preventDefault();
  };

  const listening = new AbortController();
  const options = { signal: listening.signal, passive: false, capture: true };
  page.addEventListener('touchstart', down, options);
  page.addEventListener('touchmove', move, options);
  page.addEventListener('touchend', up, options);
  page.addEventListener('touchcancel', up, options);
  page.addEventListener('contextmenu', menu, options);
  return () => {
    listening.abort();
    scroll?.stop();
    gesture.end(true);
  };
}

/** xterm.js would scroll once more, and take the tap that gives the focus. */
const keepFromEngine = (event: TouchEvent) => event.stopPropagation();

const mayMove = () => !matchMedia('(prefers-reduced-motion: reduce)').matches;

function pointsOf({ touches }: TouchEvent): Point[] {
  return [...touches].map(({ clientX, clientY }) => ({ x: clientX, y: clientY }));
}
