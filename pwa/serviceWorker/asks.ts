/** The worker asks a window to show a session, because the person chose its notification. */
import { onBeforeUnmount } from 'vue';
import { isShowSession } from './messages.ts';

export function onServiceWorkerAsks(show: (sessionId: string) => void): void {
  const heard = ({ data }: MessageEvent) => {
    if (isShowSession(data)) show(data.sessionId);
  };
  navigator.serviceWorker?.addEventListener('message', heard);
  onBeforeUnmount(() => navigator.serviceWorker?.removeEventListener('message', heard));
}
