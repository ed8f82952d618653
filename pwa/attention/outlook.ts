/** What of the browser attention needs: the focus, the person's hand, other windows, the badge, the system's notifications. */
import type { PushNote } from '../../protocol/attention.ts';
import { holdLock } from './heldLock.ts';
import { ALIVE_LOCK, close, isSomebodyAtWork, show, tellOnce } from './notification.ts';
import { record } from './attentionLog.ts';
import type { Outcome } from './attentionLog.ts';

export interface Outlook {
  isFocused(): boolean;
  isVisible(): boolean;
  /** Called whenever that may have changed. */
  onFocus(listener: () => void): void;
  /** The person does something in this window. */
  onUse(listener: () => void): void;
  /** Other windows can see that the person is at work in this one. */
  setAlive(isAlive: boolean): void;
  badge(count: number): void;
  /** Once over all windows, and not at all while the person is at work in one of them. */
  tell(note: PushNote): Promise<void>;
  /** It is not told, and why. */
  holdBack(note: PushNote, why: Outcome): Promise<void>;
  /** Takes back what the system still shows of a session. */
  close(sessionId: string): void;
}

const USES = ['keydown', 'pointerdown', 'pointermove', 'wheel'] as const;

export function browserOutlook(): Outlook {
  let release: (() => void) | null = null;
  const registration = () => navigator.serviceWorker?.getRegistration();

  async function decide(note: PushNote, wasTold: boolean): Promise<Outcome> {
    if (wasTold) return 'shown';
    if (!('Notification' in window) || Notification.permission !== 'granted') return 'notAllowed';
    if (await isSomebodyAtWork()) return 'here';
    const worker = await registration();
    return worker && (await show(worker, note)) ? 'shown' : 'failed';
  }

  return {
    isFocused: () => document.visibilityState === 'visible' && document.hasFocus(),
    isVisible: () => document.visibilityState === 'visible',
    onFocus(listener) {
      for (const event of ['focus', 'blur'] as const) addEventListener(event, listener);
      document.addEventListener('visibilitychange', listener);
    },
    onUse(listener) {
      for (const event of USES) addEventListener(event, listener, { capture: true, passive: true });
    },
    setAlive(isAlive) {
      if (isAlive === (release !== null)) return;
      release?.();
      release = isAlive ? holdLock(navigator.locks, ALIVE_LOCK) : null;
    },
    badge(count) {
      const shown = count > 0 ? navigator.setAppBadge?.(count) : navigator.clearAppBadge?.();
      shown?.catch(() => undefined); // not installed, or not allowed
    },
    tell: (note) => tellOnce(note, (wasTold) => decide(note, wasTold)),
    holdBack: record,
    close: (sessionId) => void registration()?.then((worker) => close(worker, sessionId)),
  };
}
