/** What attention keeps of a person in this browser, and how to leave nothing of it. */

export const ATTENTION_DATABASE = 'holdfast.attention';

/** No device is called any more for who has left: its push service tells the server at the next call. */
export async function forgetAttention(): Promise<void> {
  const registration = await navigator.serviceWorker?.getRegistration();
  for (const shown of (await registration?.getNotifications()) ?? []) shown.close();
  const subscription = await registration?.pushManager?.getSubscription();
  await subscription?.unsubscribe();
  await new Promise<void>((resolve) => {
    const request = indexedDB.deleteDatabase(ATTENTION_DATABASE);
    request.onsuccess = request.onerror = request.onblocked = () => resolve();
  });
}
