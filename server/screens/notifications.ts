/** What programs tell a person by OSC 9, 777 and 99: from bytes to one typed shape. Pure, and careful: the text comes from anywhere. */

export interface Notification {
  source: 'osc9' | 'osc777' | 'osc99';
  /** Empty when the program gave only a text. */
  title: string;
  body: string;
  /** A later one of the same id replaces it; null when there is none. */
  id: string | null;
  urgency: 'low' | 'normal' | 'critical';
  /** When the program wants it to be seen: always, while its terminal has no focus, or while it is not in view. */
  when: 'always' | 'unfocused' | 'invisible';
}

const MAX_TITLE_CHARS = 200;
const MAX_BODY_CHARS = 1_000;
const PLAIN = { id: null, urgency: 'normal', when: 'always' } as const;

/** iTerm2's `9 ; text`. A number first is a command of ConEmu's family, such as 9;4, and no text. */
export function parseOsc9(data: string): Notification | null {
  if (/^\d+(;|$)/.test(data)) return null;
  return notification({ ...PLAIN, source: 'osc9', title: '', body: data });
}

/** `777 ; notify ; title ; body`. */
export function parseOsc777(data: string): Notification | null {
  const [command, title = '', ...body] = data.split(';');
  if (command !== 'notify') return null;
  return notification({ ...PLAIN, source: 'osc777', title, body: body.join(';') });
}

/** Null when nothing is left to show. */
export function notification(raw: Notification): Notification | null {
  const title = shown(raw.title, MAX_TITLE_CHARS);
  const body = shown(raw.body, MAX_BODY_CHARS);
  return title === '' && body === '' ? null : { ...raw, title, body };
}

/** Neither control characters nor what turns the reading direction of the text around it. */
function shown(text: string, maxChars: number): string {
  const plain = text.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]+/gu, ' ').trim();
  const chars = [...plain];
  return chars.length > maxChars ? `${chars.slice(0, maxChars - 1).join('')}…` : plain;
}
