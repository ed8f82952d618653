/** Gives a key of the bar to a session's terminal, as if a keyboard had it: the terminal knows what it means to its program. */
import { shallowReadonly, shallowRef } from 'vue';
import { changeTyping, terminalOf } from '../terminal/inView.ts';
import type { BarKey } from './barKeys.ts';
import { afterKey, isHeld, NOTHING_HELD, tapped, typedWith, type Holds } from './modifiers.ts';

const holds = shallowRef<Holds>(NOTHING_HELD);

/** What is typed on a soft keyboard takes the held modifiers, too. */
changeTyping((typed) => {
  const changed = typedWith(typed, holds.value);
  if (changed === null) return typed;
  holds.value = afterKey(holds.value);
  return changed;
});

export function useHolds() {
  return { holds: shallowReadonly(holds), letGo: () => (holds.value = NOTHING_HELD) };
}

export function pressKey(key: BarKey, sessionId: string): void {
  if (key.kind === 'modifier') return void (holds.value = tapped(holds.value, key.modifier));
  const terminal = terminalOf(sessionId)?.terminal;
  if (key.kind === 'text') return terminal?.input(key.text);
  const textarea = terminal?.textarea;
  if (!textarea) return;
  const { key: name, keyCode, isShifted } = key;
  const held = {
    ctrlKey: isHeld(holds.value, 'ctrl'),
    altKey: isHeld(holds.value, 'alt'),
    shiftKey: isShifted === true || isHeld(holds.value, 'shift'),
  };
  // Before it is pressed: what the terminal sends for it has them already.
  const after = afterKey(holds.value);
  holds.value = NOTHING_HELD;
  dispatch(textarea, 'keydown', { key: name, keyCode, ...held });
  // A modifier going up is the one end of a press at which the terminal does not take the focus, and open a keyboard with it.
  dispatch(textarea, 'keyup', { key: 'Shift', keyCode: 16 });
  holds.value = after;
}

function dispatch(target: EventTarget, type: string, init: KeyboardEventInit & { keyCode: number }): void {
  const event = new KeyboardEvent(type, { ...init, code: init.key ?? '', bubbles: true, cancelable: true });
  // Not all browsers take it from the constructor, and it is what the terminal looks at.
  if (event.keyCode !== init.keyCode) Object.defineProperty(event, 'keyCode', { value: init.keyCode });
  target.dispatchEvent(event);
}
