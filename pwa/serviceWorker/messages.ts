/** What windows and the service worker tell each other. */
export const APPLY_UPDATE = 'apply_update';
/** A window has opened or is about to close: files kept for older builds may no longer be needed. */
export const WINDOWS_CHANGED = 'windows_changed';

/** Each window holds a shared lock of this name and the path of each script its page names; one of them changes with every build. */
export const BUILD_LOCK = 'holdfast-build:';

/** In the address of a window that is opened to show a session. */
export const SHOW_KEY = 'show';

/** To a window: show this session. */
export interface ShowSession {
  is: 'showSession';
  sessionId: string;
}

export function isShowSession(data: unknown): data is ShowSession {
  return typeof data === 'object' && data !== null && (data as ShowSession).is === 'showSession';
}
