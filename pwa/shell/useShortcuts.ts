/** Carries out the chords of the app, wherever the focus is; the terminal leaves them alone (terminal/keys.ts). */
import { onBeforeUnmount, onMounted } from 'vue';
import { commandFor } from '../terminal/keymap.ts';
import type { Command } from '../terminal/keymap.ts';

export type Actions = Partial<Record<Command, () => void>>;

export function useShortcuts(actions: Actions, isBlocked: () => boolean): void {
  function pressed(event: KeyboardEvent) {
    if (event.defaultPrevented || isBlocked()) return;
    const command = commandFor(event, false);
    const act = command && actions[command];
    if (!act) return;
    event.preventDefault();
    act();
  }
  onMounted(() => addEventListener('keydown', pressed));
  onBeforeUnmount(() => removeEventListener('keydown', pressed));
}
