/** The keyboard goes to the session that is shown, also when its pane is still to come, or a dialog lies over it. */
import { nextTick, watch } from 'vue';
import type { PaneCommands } from './useWindowActions.ts';

export interface PaneFocusParts {
  tabs: () => { active: string | null };
  show: (id: string) => void;
  isCovered: () => boolean;
}

export function usePaneFocus({ tabs, show, isCovered }: PaneFocusParts) {
  const panes = new Map<string, PaneCommands>();
  /** Shown before its code was there: it is given the focus when it is. */
  let awaited: string | null = null;
  /** A session was shown below what covers the window. */
  let isShownBelow = false;
  /** In front when what covered the window went away. */
  let front: string | null = null;

  function keep(id: string, pane: unknown) {
    if (!pane) return panes.delete(id);
    panes.set(id, pane as PaneCommands);
    if (awaited === id) focus(id);
  }

  function focus(id: string) {
    if (isCovered()) return void (isShownBelow = true);
    const pane = panes.get(id);
    awaited = pane ? null : id;
    pane?.focus();
  }

  function goTo(id: string) {
    show(id);
    isShownBelow = false;
    const land = () => tabs().active === id && focus(id);
    // At once, for the keys that follow; with the frame too, for what only that one shows. Until then they are nobody's.
    void nextTick(() => {
      land();
      if (tabs().active === id && isInAnother(id)) (document.activeElement as HTMLElement).blur();
    });
    requestAnimationFrame(land);
  }

  // A dialog gives the focus back to where it was, and in a dock that brings an older session to the front.
  watch(isCovered, (isNow) => void (!isNow && (front = tabs().active)), { flush: 'sync' });
  watch(
    isCovered,
    (isNow) => {
      if (!isNow && front !== null && (isShownBelow || isInAnother(front))) goTo(front);
    },
    { flush: 'post' },
  );

  return { keep, focus, goTo, paneOf: (id: string | null) => (id === null ? undefined : panes.get(id)) };
}

function isInAnother(id: string): boolean {
  const pane = document.activeElement?.closest<HTMLElement>('[data-session-id]');
  return !!pane && pane.dataset['sessionId'] !== id;
}
