/** The browser's offer to install the app, taken as soon as it comes: what shows it comes later. */
import { shallowRef } from 'vue';

/** Chromium's; not in the DOM types. It can be taken once, and the browser makes another when it wants to. */
export interface InstallOffer extends Event {
  prompt(): Promise<{ outcome: 'accepted' | 'dismissed' }>;
}

export const installOffer = shallowRef<InstallOffer | null>(null);

addEventListener('beforeinstallprompt', (event) => {
  event.preventDefault();
  installOffer.value = event as InstallOffer;
});
