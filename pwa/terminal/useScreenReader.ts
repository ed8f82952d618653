/** Whether terminals are also written out for screen readers; costs speed, so it is the person's choice. */
import { readonly, ref } from 'vue';

const KEY = 'holdfast.screenReader';
const screenReader = ref(localStorage.getItem(KEY) === 'on');

export function useScreenReader() {
  return { screenReader: readonly(screenReader), setScreenReader };
}

function setScreenReader(isOn: boolean): void {
  screenReader.value = isOn;
  localStorage.setItem(KEY, isOn ? 'on' : 'off');
}
