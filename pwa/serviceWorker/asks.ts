/**
 * The worker asks a window to show a session, because the person chose its notification: by a message, or, of a window that
 * it opens for that, by the part of the address that no server sees.
 */
import { onBeforeUnmount, onMounted } from 'vue';
import { isMessage, SHOW_KEY } from './messages.ts';

export function onServiceWorkerAsks(show: (sessionId: string) => void): void {
  const heard = ({ data }: MessageEvent) => {
    if (isMessage(data, 'showSession')) show(data.sessionId);
  };
  navigator.serviceWorker?.addEventListener('message', heard);
  onMounted(() => {
    const asked = new URLSearchParams(location.hash.slice(1)).get(SHOW_KEY);
    if (!asked) return;
    history.replaceState(null, '', '/');
    show(asked);
  });
  onBeforeUnmount(() => navigator.serviceWorker?.removeEventListener('message', heard));
}
