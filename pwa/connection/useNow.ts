/** The time, moving once a second for whoever shows it; it stands still while the page is hidden. */
import { onScopeDispose, readonly, ref } from 'vue';

const TICK_MS = 1_000;

export function useNow() {
  const now = ref(Date.now());
  const timer = setInterval(() => {
    if (!document.hidden) now.value = Date.now();
  }, TICK_MS);
  const wake = () => (now.value = Date.now());
  document.addEventListener('visibilitychange', wake);
  onScopeDispose(() => {
    clearInterval(timer);
    document.removeEventListener('visibilitychange', wake);
  });
  return readonly(now);
}
