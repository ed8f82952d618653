/** Decides once for every key who gets it, before anyone else sees it: the window, or the program in the terminal. */
import { shallowReadonly, shallowRef } from 'vue';
import { isHeldBack, Keymap, type Decision, type OwnBinding } from './keymap.ts';

export interface KeyWorld {
  /** Carries out an action; false when there was nothing to do. */
  run: (action: string) => boolean;
  /** The terminal that has the focus, if one has. */
  terminal: () => { hasSelection(): boolean } | null;
  /** Something modal is open, which takes the keys itself. */
  isBlocked: () => boolean;
}

/** Of the terminal in view, wherever the focus is; in the field of its own find bar, too. */
const FIND = new Set(['terminal.find', 'terminal.findNext', 'terminal.findPrevious']);

/** Asked again for the same event by the terminal, which must not decide otherwise. */
const decisions = new WeakMap<Event, Decision>();
const keymap = shallowRef(new Keymap());
/** The first of two strokes was pressed. */
const pending = shallowRef<string | null>(null);
/** Told to whoever wants to see who gets what. */
const watchers = new Set<(decision: Decision) => void>();

/** Whether the terminal has to leave this key alone. */
export function isOfWindow(event: KeyboardEvent): boolean {
  return decisions.get(event)?.owner === 'app';
}

export function useKeymap() {
  return { keymap: shallowReadonly(keymap), pending: shallowReadonly(pending) };
}

export function setOwnBindings(own: readonly OwnBinding[]): void {
  keymap.value = new Keymap(own);
  pending.value = null;
}

/** @returns ends the watch */
export function watchKeys(watcher: (decision: Decision) => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

/** @returns takes the listener away again */
export function installKeys({ run, terminal, isBlocked }: KeyWorld, target: EventTarget = window): () => void {
  const pressed = (raw: Event) => {
    const event = raw as KeyboardEvent;
    // An input method composes, or AltGr types a sign that merely looks like Ctrl and Alt.
    if (event.isComposing || event.getModifierState?.('AltGraph')) return;
    const decision = keymap.value.press(event, terminal()?.hasSelection() ?? false);
    if (isBlocked()) keymap.value.cancel();
    pending.value = keymap.value.pending;
    for (const watcher of watchers) watcher(decision);
    // Outside of a terminal, copying, pasting and the like are the browser's.
    const { action = '' } = decision;
    const isBrowsers = action.startsWith('terminal.') && !FIND.has(action) && !terminal();
    if (isBlocked() || decision.owner !== 'app' || isBrowsers) {
      if (!terminal() && isHeldBack(decision.keys)) event.preventDefault();
      return;
    }
    decisions.set(event, decision);
    if (decision.isNative) return;
    event.preventDefault();
    if (decision.action) run(decision.action);
  };
  /** Who turns away does not come back to a second stroke. */
  const turnedAway = () => {
    keymap.value.cancel();
    pending.value = null;
  };
  // Capturing: before the terminal, and before a menu that is open.
  target.addEventListener('keydown', pressed, { capture: true });
  target.addEventListener('blur', turnedAway);
  return () => {
    target.removeEventListener('keydown', pressed, { capture: true });
    target.removeEventListener('blur', turnedAway);
  };
}
