/** What windows and the service worker tell each other. */

/** Each window holds a shared lock of this name and the path of each script its page names; one of them changes with every build. */
export const BUILD_LOCK = 'holdfast-build:';

/** In the address of a window that is opened to show a session. */
export const SHOW_KEY = 'show';

/** To the worker: a window has opened, or one is gone, or another worker serves it; files of older builds may no longer be needed. */
export interface WindowsChanged {
  is: 'windowsChanged';
  /** What the page of the window that says it is made of; paths. */
  scripts: string[];
}

/** The worker's answer: whether that page is of its own build. */
export interface BuildSaid {
  is: 'build';
  isCurrent: boolean;
}

/** To a window: show this session. */
export interface ShowSession {
  is: 'showSession';
  sessionId: string;
}

type Message = WindowsChanged | BuildSaid | ShowSession;

export function isMessage<Kind extends Message['is']>(data: unknown, kind: Kind): data is Message & { is: Kind } {
  return typeof data === 'object' && data !== null && (data as Message).is === kind;
}
