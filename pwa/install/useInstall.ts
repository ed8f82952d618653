/** Installing the app, by whichever way this browser has, and the person's “not now”. */
import { computed, onScopeDispose, ref } from 'vue';
import { installOffer } from './offer.ts';
import { isQuiet, isWorthTelling, wayToInstall } from './installWays.ts';
import { localStore } from '../ui/browserStorage.ts';

const KEY = 'holdfast.install.dismissedAt';
const APP_WINDOW = '(display-mode: standalone), (display-mode: window-controls-overlay), (display-mode: minimal-ui)';

const dismissedAt = ref(readDismissal());
const isInstalledNow = ref(false);

export function useInstall() {
  const appWindow = matchMedia(APP_WINDOW);
  const isAppWindow = ref(appWindow.matches);
  const look = () => (isAppWindow.value = appWindow.matches);
  const installed = () => {
    installOffer.value = null;
    isInstalledNow.value = true;
  };
  appWindow.addEventListener('change', look);
  addEventListener('appinstalled', installed);
  onScopeDispose(() => {
    appWindow.removeEventListener('change', look);
    removeEventListener('appinstalled', installed);
  });

  const way = computed(() =>
    wayToInstall({
      isInstalled: isAppWindow.value || isInstalledNow.value || isOnHomeScreen(),
      hasOffer: installOffer.value !== null,
      userAgent: navigator.userAgent,
      maxTouchPoints: navigator.maxTouchPoints,
      isSecure: isSecureContext,
    }),
  );
  /** Neither refused lately nor hopeless. */
  const isToTell = computed(() => isWorthTelling(way.value) && !isQuiet(dismissedAt.value, Date.now()));

  /** By the browser's own question. A “no” to it is one to us. */
  async function takeOffer() {
    const offer = installOffer.value;
    installOffer.value = null;
    const answer = await offer?.prompt();
    if (answer?.outcome === 'dismissed') dismiss();
  }

  return { way, isToTell, takeOffer, dismiss };
}

function dismiss(): void {
  dismissedAt.value = Date.now();
  localStore.set(KEY, String(dismissedAt.value));
}

function readDismissal(): number | null {
  return Number(localStore.get(KEY)) || null;
}

/** Safari on a phone says it in its own way. */
function isOnHomeScreen(): boolean {
  return (navigator as { standalone?: boolean }).standalone === true;
}
