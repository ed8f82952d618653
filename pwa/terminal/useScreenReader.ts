/** Whether terminals are also written out for screen readers; costs speed, so it is the person's choice. */
import { readonly, ref } from 'vue';
import { localStore } from '../ui/browserStorage.ts';

const KEY = 'holdfast.screenReader';
const screenReader = ref(localStore.get(KEY) === 'on');

export function useScreenReader() {
  return { screenReader: readonly(screenReader), setScreenReader };
}

function setScreenReader(isOn: boolean): void {
  screenReader.value = isOn;
  localStore.set(KEY, isOn ? 'on' : 'off');
}
