/** The focus for a pane that may not be able to take it yet: the dock still hides it, or its terminal is still to be made. */

/** The pane that was asked last: there is one focus in a window. */
let lastAsked: symbol | null = null;

/** @param target what takes the keys now; null before there is anything */
export function lateFocus(target: () => { focus(options?: FocusOptions): void } | null) {
  const me = Symbol('pane');
  /** Where the focus was once it had been asked for: elsewhere, when it could not be had. */
  let askedAt: Element | null = null;

  function focus(): void {
    lastAsked = me;
    target()?.focus({ preventScroll: true });
    askedAt = document.activeElement;
  }

  /** Asked for, and nobody has taken it to another place since. */
  function isWanted(): boolean {
    const { activeElement, body } = document;
    return lastAsked === me && (activeElement === body || activeElement === askedAt);
  }

  function giveUp(): void {
    if (lastAsked === me) lastAsked = null;
  }

  return { focus, isWanted, giveUp };
}
