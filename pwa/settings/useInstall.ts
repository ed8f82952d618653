/** Installing as an app, when the browser offers it. */
import { computed, shallowRef } from 'vue';

/** Chromium's offer; not in the DOM types. */
interface InstallOffer extends Event {
  prompt(): Promise<unknown>;
}

const offer = shallowRef<InstallOffer | null>(null);
addEventListener('beforeinstallprompt', (event) => {
  event.preventDefault();
  offer.value = event as InstallOffer;
});
addEventListener('appinstalled', () => (offer.value = null));

export function useInstall() {
  async function install() {
    const accepted = offer.value;
    // An offer can be taken once; the browser makes another when it wants to.
    offer.value = null;
    await accepted?.prompt();
  }
  return { canInstall: computed(() => offer.value !== null), install };
}
