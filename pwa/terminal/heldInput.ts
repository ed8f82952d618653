/** Typing that waits, per session of this window: what the status bar shows, and can drop. */
import { computed, shallowRef } from 'vue';

interface Held {
  bytes: number;
  drop: () => void;
}

const held = shallowRef<ReadonlyMap<string, Held>>(new Map());

export const heldBytes = computed(() => [...held.value.values()].reduce((sum, { bytes }) => sum + bytes, 0));

export function holdInput(sessionId: string, bytes: number, drop: () => void): void {
  const next = new Map(held.value);
  if (bytes === 0) next.delete(sessionId);
  else next.set(sessionId, { bytes, drop });
  held.value = next;
}

export function dropHeldInput(): void {
  for (const { drop } of held.value.values()) drop();
}

/** Asks before a window is closed or reloaded that holds typing: it is kept nowhere else. */
export function guardHeldInput(): void {
  window.addEventListener('beforeunload', (event) => {
    if (heldBytes.value > 0) event.preventDefault();
  });
}
