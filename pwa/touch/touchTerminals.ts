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
    const touched = event.target instanceof Node ? terminalAround(event.target) : null;
    // One finger is here already: what another does elsewhere is not a part of it.
    if (view && touched !== view && fingersOn(view, event).length > 0) return;
    const isCaught = scroll?.stop() ?? false;
    view = touched;
    if (!view) return;
    keepFromEngine(event);
    if (scroll?.view !== view) scroll = new TouchScroll(view);
    gesture.down(fingersOn(view, event), isCaught);
  }

  function move(event: TouchEvent) {
    if (!view) return;
    const fingers = fingersOn(view, event);
    if (fingers.length === 0) return;
    keepFromEngine(event);
    [at = at] = fingers;
    gesture.move(fingers);
    if (gesture.isOurs && event.cancelable) event.preventDefault();
  }

  function up(event: TouchEvent) {
    if (!view) return;
    keepFromEngine(event);
    if (fingersOn(view, event).length > 0) return;
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
  // What is typed is seen where it stands, at the end.
  page.addEventListener('keydown', () => void scroll?.stop(), options);
  return () => {
    listening.abort();
    scroll?.stop();
    gesture.end(true);
  };
}

/** xterm.js would scroll once more, and take the tap that gives the focus. */
const keepFromEngine = (event: TouchEvent) => event.stopPropagation();

const mayMove = () => !matchMedia('(prefers-reduced-motion: reduce)').matches;

/** Not those on a key of the bar, which may be held meanwhile. */
function fingersOn({ host }: TerminalInView, { touches }: TouchEvent): Point[] {
  const isHere = ({ target }: Touch) => target instanceof Node && host.contains(target);
  return [...touches].filter(isHere).map(({ clientX, clientY }) => ({ x: clientX, y: clientY }));
}
