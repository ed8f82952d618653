/**
 * Code that could not be fetched: where no service worker serves the window, the network or a new build on the server can take away
 * what is loaded when it is first wanted.
 */
import { restartWindow } from '../ui/restart.ts';
import { toast } from '../ui/toasts.ts';

/** A browser does not ask again for a module that it could not have (seen in Chromium 150): only a restart brings it. */
export function tellOfMissingParts(): void {
  addEventListener('vite:preloadError', () =>
    toast(
      'A part of this window could not be fetched. Your sessions go on; restart the window when the server can be reached.',
      'bad',
      { text: 'Restart this window', act: () => void restartWindow() },
    ),
  );
}
