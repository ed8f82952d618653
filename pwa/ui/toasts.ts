/** Short messages about something that just happened; each leaves by itself or on request, one that can be acted upon on request only. */
import { readonly, ref } from 'vue';

export interface Toast {
  id: number;
  text: string;
  kind: 'info' | 'bad';
  action?: ToastAction;
}

export interface ToastAction {
  text: string;
  act: () => void;
}

const SHOWN_MS = 7_000;
const toasts = ref<Toast[]>([]);
let nextId = 1;

/** Says it once: the same text is not stacked while it is still shown. */
export function toast(text: string, kind: Toast['kind'] = 'info', action?: ToastAction): void {
  if (toasts.value.some((shown) => shown.text === text)) return;
  const id = nextId++;
  toasts.value = [...toasts.value, { id, text, kind, ...(action ? { action } : {}) }];
  if (!action) setTimeout(() => dismissToast(id), SHOWN_MS);
}

export function dismissToast(id: number): void {
  toasts.value = toasts.value.filter((shown) => shown.id !== id);
}

export const shownToasts = readonly(toasts);
