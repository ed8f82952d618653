/** A notification of the system, once over all windows, and not at all while one of them shows the session to somebody. */
import type { Attention } from './attention.ts';

const TELLING = 'holdfast.telling.';
/** So long the other windows, which heard the same, are kept from telling it again. */
const TOLD_MS = 5_000;

/** @param looking the lock that a window holds while it shows the session to somebody */
export async function tellOnce(sessionId: string, name: string, attention: Attention, looking: string): Promise<void> {
  if (!('Notification' in window) || Notification.permission !== 'granted') return;
  const held = (await navigator.locks?.query())?.held ?? [];
  if (held.some((lock) => lock.name === looking)) return;
  await navigator.locks?.request(`${TELLING}${sessionId}`, { ifAvailable: true }, async (lock) => {
    if (!lock) return;
    const registration = await navigator.serviceWorker?.getRegistration();
    await registration?.showNotification(name, {
      body: attention.text,
      tag: sessionId,
      icon: '/icons/holdfast-192.png',
      data: { sessionId },
    });
    await new Promise((resolve) => setTimeout(resolve, TOLD_MS));
  });
}
