/** Input that waits, per session of this window: what the bars show, and can send or drop. */
import { computed, shallowRef } from 'vue';
import type { Held } from '../../client/types.ts';

export interface WaitingInput {
  /** Everything that is not known to be written. */
  pendingBytes: number;
  /** What was typed without a connection, or is asked for. */
  held: Held | null;
  send: () => void;
  drop: () => void;
}

const waiting = shallowRef<ReadonlyMap<string, WaitingInput>>(new Map());

export const heldBytes = computed(() =>
  [...waiting.value.values()].reduce((sum, { held }) => sum + (held?.bytes ?? 0), 0),
);

export function waitingInputOf(sessionId: string): WaitingInput | null {
  return waiting.value.get(sessionId) ?? null;
}

export function noteWaitingInput(sessionId: string, input: WaitingInput): void {
  if (input.pendingBytes === 0 && !waiting.value.has(sessionId)) return;
  const next = new Map(waiting.value);
  if (input.pendingBytes === 0) next.delete(sessionId);
  else next.set(sessionId, input);
  waiting.value = next;
}

export function dropHeldInput(): void {
  for (const { held, drop } of waiting.value.values()) if (held) drop();
}

/** Asks before a window is closed that holds typing: a reload keeps it, closing the tab does not. */
export function guardHeldInput(): void {
  window.addEventListener('beforeunload', (event) => {
    if (heldBytes.value > 0) event.preventDefault();
  });
}
