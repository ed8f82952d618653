/** How the app is installed with this browser, and when a person who did not want to is asked again. */

export interface InstallFacts {
  /** This window is the installed app's. */
  isInstalled: boolean;
  /** The browser has offered it. */
  hasOffer: boolean;
  userAgent: string;
  maxTouchPoints: number;
  /** Over https, or on this machine. */
  isSecure: boolean;
}

export type InstallWay =
  | 'installed'
  | 'offer'
  /** Share → Add to Home Screen. */
  | 'homeScreen'
  /** File → Add to Dock. */
  | 'dock'
  | 'firefoxPhone'
  /** Somewhere in the menu of a Chromium. */
  | 'menu'
  | 'insecure'
  | 'none';

export function wayToInstall({ isInstalled, hasOffer, userAgent, maxTouchPoints, isSecure }: InstallFacts): InstallWay {
  if (isInstalled) return 'installed';
  if (hasOffer) return 'offer';
  if (!isSecure) return 'insecure';
  // An iPad says that it is a Mac, and no Mac is touched.
  if (/iPhone|iPad|iPod/.test(userAgent) || (/Macintosh/.test(userAgent) && maxTouchPoints > 1)) return 'homeScreen';
  if (/Firefox\//.test(userAgent)) return /Android/.test(userAgent) ? 'firefoxPhone' : 'none';
  if (/Chrome\/|Chromium\//.test(userAgent)) return 'menu';
  return /Macintosh.*Version\/(1[7-9]|[2-9]\d).*Safari\//.test(userAgent) ? 'dock' : 'none';
}

/** Ways that are worth telling without being asked. */
export function isWorthTelling(way: InstallWay): boolean {
  return way === 'offer' || way === 'homeScreen' || way === 'dock' || way === 'firefoxPhone';
}

export const QUIET_DAYS = 30;

/** @param dismissedAt as Date.now(), null when it never was; a clock that was set back does not keep it quiet for ever */
export function isQuiet(dismissedAt: number | null, now: number): boolean {
  return dismissedAt !== null && Math.abs(now - dismissedAt) < QUIET_DAYS * 24 * 60 * 60 * 1000;
}

/** What to do, step by step. */
export const STEPS: Record<InstallWay, readonly string[]> = {
  installed: ['This window is the installed app.'],
  offer: ['Choose Install below, and confirm what the browser asks.'],
  homeScreen: ['Open this page in Safari.', 'Tap Share.', 'Choose “Add to Home Screen”, then Add.'],
  dock: ['Choose File → Add to Dock in the menu of Safari.', 'Confirm the name.'],
  firefoxPhone: ['Open the menu of Firefox.', 'Choose “Add app to Home screen”.'],
  menu: [
    'Look for a sign at the end of the address, or open the menu of the browser.',
    'Choose “Install Holdfast”. If it is not there, the app may be installed already.',
  ],
  insecure: [
    'A browser installs apps only from https, or from this machine.',
    'Ask whoever runs this Holdfast for an https address.',
  ],
  none: ['This browser installs no apps. Everything but the keys that a tab keeps for itself works here as well.'],
};
