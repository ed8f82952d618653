/** Keeps the app within what the soft keyboard leaves of the screen, also where a browser lays the keyboard over the page. */

export interface ViewFacts {
  /** Of the visual viewport: what can be seen. */
  visibleHeight: number;
  /** Of the page. */
  pageHeight: number;
  /** 1 unless the person has zoomed in. */
  scale: number;
}

export interface View {
  /** What the app has to fit into, in pixels; null where the browser makes the page smaller itself. */
  heightPx: number | null;
  /** `short`: bars that can wait give way. `tiny`: only the terminal and its keys are left. */
  room: 'plenty' | 'short' | 'tiny';
}

/** Less is an address bar that comes and goes. */
const LEAST_KEYBOARD_PX = 80;
/** A phone upright with its keyboard open has less than this, and without it more. */
const SHORT_PX = 560;
/** A phone on its side with its keyboard open. */
const TINY_PX = 340;

export function viewOf({ visibleHeight, pageHeight, scale }: ViewFacts): View {
  // Zoomed in, the visible part is small for another reason.
  const isCovered = scale < 1.01 && pageHeight - visibleHeight >= LEAST_KEYBOARD_PX;
  const height = isCovered ? visibleHeight : pageHeight;
  return {
    heightPx: isCovered ? Math.floor(visibleHeight) : null,
    room: height < TINY_PX ? 'tiny' : height < SHORT_PX ? 'short' : 'plenty',
  };
}

export interface ViewWorld {
  visual: (EventTarget & { height: number; scale: number }) | null;
  page: EventTarget & { innerHeight: number; scrollTo(x: number, y: number): void };
  root: {
    style: { setProperty(name: string, value: string): void; removeProperty(name: string): void };
    dataset: DOMStringMap;
  };
}

/** @returns ends the watch, and takes back what it did */
export function watchView({ visual, page, root }: ViewWorld): () => void {
  const forget = () => {
    root.style.removeProperty('--view-height');
    delete root.dataset.room;
  };
  const look = () => {
    const pageHeight = page.innerHeight;
    const { heightPx, room } = viewOf({
      visibleHeight: visual?.height ?? pageHeight,
      pageHeight,
      scale: visual?.scale ?? 1,
    });
    forget();
    if (room !== 'plenty') root.dataset.room = room;
    if (heightPx === null) return;
    root.style.setProperty('--view-height', `${heightPx}px`);
    // A browser that covers the page also moves it, so that the field with the focus is in view; now all of it is.
    page.scrollTo(0, 0);
  };
  const watched = [visual, page].filter((one) => one !== null);
  for (const one of watched) one.addEventListener('resize', look);
  look();
  return () => {
    for (const one of watched) one.removeEventListener('resize', look);
    forget();
  };
}
