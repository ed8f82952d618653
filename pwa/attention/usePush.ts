/** The switch for calls on this device, as the dialog shows it. */
import { shallowRef } from 'vue';
import type { Connection } from '../connection/connection.ts';
import { sentenceOf } from '../ui/errorText.ts';
import { pushState, turnPushOff, turnPushOn } from './push.ts';
import type { PushState } from './push.ts';

export function usePush(server: Pick<Connection, 'client' | 'library'>) {
  /** Null until it is known. */
  const state = shallowRef<PushState | null>(null);
  const isBusy = shallowRef(false);
  const trouble = shallowRef('');

  async function act(work: () => Promise<PushState>) {
    if (isBusy.value) return;
    isBusy.value = true;
    trouble.value = '';
    try {
      state.value = await work();
    } catch (error) {
      // A browser's own words mean little; whose fault it is can be told.
      const isBrowsers = error instanceof DOMException;
      trouble.value = isBrowsers ? 'This browser’s push service did not answer. Try again later.' : sentenceOf(error);
    } finally {
      isBusy.value = false;
    }
  }

  void act(() => pushState(server));
  const toggle = () => act(() => (state.value === 'on' ? turnPushOff(server) : turnPushOn(server)));
  return { state, isBusy, trouble, toggle };
}
