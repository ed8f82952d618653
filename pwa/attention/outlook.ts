/** What of the browser attention needs: the focus, other windows, the app's badge, the system's notifications. */
import type { Attention } from './attention.ts';

export interface Outlook {
  isFocused(): boolean;
  /** Called whenever that may have changed. */
  onFocus(listener: () => void): void;
  /** This window shows that session to somebody; other windows can see it. */
  looksAt(sessionId: string | null): void;
  badge(count: number): void;
  /** Once over all windows, and not at all while one of them shows the session to somebody. */
  tell(sessionId: string, name: string, attention: Attention): Promise<void>;
  /** The person has neither allowed nor refused notifications. */
  mayAsk(): boolean;
  ask(): Promise<void>;
}

const LOOKING = 'holdfast.looking.';

export function browserOutlook(): Outlook {
  let stopLooking = () => {};
  let lookedAt: string | null = null;
  return {
    isFocused: () => document.visibilityState === 'visible' && document.hasFocus(),
    onFocus(listener) {
      for (const event of ['focus', 'blur'] as const) addEventListener(event, listener);
      document.addEventListener('visibilitychange', listener);
    },
    looksAt(sessionId) {
      if (sessionId === lookedAt) return;
      lookedAt = sessionId;
      stopLooking();
      // A lock ends with its window, however that ends.
      if (sessionId !== null)
        void navigator.locks?.request(`${LOOKING}${sessionId}`, { mode: 'shared' }, () => {
          return new Promise<void>((resolve) => (stopLooking = resolve));
        });
    },
    badge(count) {
      const shown = count > 0 ? navigator.setAppBadge?.(count) : navigator.clearAppBadge?.();
      shown?.catch(() => undefined); // not installed, or not allowed
    },
    async tell(sessionId, name, attention) {
      const { tellOnce } = await import('./tellOnce.ts');
      await tellOnce(sessionId, name, attention, `${LOOKING}${sessionId}`);
    },
    mayAsk: () => 'Notification' in window && Notification.permission === 'default',
    ask: async () => void (await Notification.requestPermission()),
  };
}
