/** When what had the focus is gone (a tab, a session, a dialog), the keyboard lands on what is shown instead. */
import { onBeforeUnmount, watch } from 'vue';

export interface FocusParts {
  /** Whatever may take something away that had the focus. */
  changes: () => unknown;
  /** A dialog keeps the focus, and gives it back when it closes. */
  isCovered: () => boolean;
  /** Gives the focus to what is shown now. @returns false when its code is not there yet: it asks again with `retry` */
  land: () => boolean;
}

export function useLostFocus({ changes, isCovered, land }: FocusParts) {
  // A finger would only meet the keyboard it did not ask for.
  const isWanted = !matchMedia('(pointer: coarse)').matches;
  let isWaiting = false;
  let frame = 0;

  function settle() {
    cancelAnimationFrame(frame);
    // Not before a dialog that goes has given the focus back, and what comes is drawn.
    frame = requestAnimationFrame(() => setTimeout(tryNow));
  }

  function tryNow() {
    isWaiting = isWanted && !isCovered() && isNowhere() && !land();
  }

  watch(changes, settle, { flush: 'post' });
  onBeforeUnmount(() => cancelAnimationFrame(frame));
  return { retry: () => void (isWaiting && settle()) };
}

const isNowhere = () => document.activeElement === null || document.activeElement === document.body;
