/** OSC 99, kitty's notifications (https://sw.kovidgoyal.net/kitty/desktop-notifications/): several sequences may make one, and its payload may be base64. */
import { notification } from './notifications.ts';
import type { Notification } from './notifications.ts';

/** So many may be incomplete at once, of so many characters each; a program that never ends them must not fill the memory. */
const MAX_OPEN = 8;
const MAX_CHARS = 8_192;
const URGENCY = { '0': 'low', '1': 'normal', '2': 'critical' } as const;
const WHEN = new Set(['always', 'unfocused', 'invisible']);

export class KittyNotifications {
  #open = new Map<string, Notification>();

  /** The name of a notification that the program takes back; null when the sequence says something else. */
  closes(data: string): string | null {
    const keys = keysOf(data.split(';', 1)[0]!);
    return keys.get('p') === 'close' ? nameOf(keys.get('i')) : null;
  }

  /** A notification that is complete now, or null. */
  take(data: string): Notification | null {
    const at = data.indexOf(';');
    if (at < 0) return null;
    const keys = keysOf(data.slice(0, at));
    const part = keys.get('p') ?? 'title';
    if (part !== 'title' && part !== 'body') return null;
    const text = keys.get('e') === '1' ? decoded(data.slice(at + 1)) : data.slice(at + 1);
    if (text === null) return null;
    const id = keys.get('i') ?? '';
    const next = grown(this.#open.get(id) ?? blank(id), part, text, keys);
    this.#open.delete(id);
    if (keys.get('d') !== '0') return notification(next);
    this.#open.set(id, next); // the newest last
    if (this.#open.size > MAX_OPEN) this.#open.delete(this.#open.keys().next().value!);
    return null;
  }
}

function keysOf(metadata: string): Map<string, string> {
  return new Map(
    metadata
      .split(':')
      .slice(0, 32)
      .map((pair) => [pair.slice(0, 1), pair.slice(2)]),
  );
}

function nameOf(id: string | undefined): string | null {
  return id ? id.slice(0, 64) : null;
}

/** Null when it is not base64, or not text. */
function decoded(data: string): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(atob(data), (char) => char.charCodeAt(0)));
  } catch {
    return null;
  }
}

function blank(id: string): Notification {
  return { source: 'osc99', title: '', body: '', id: nameOf(id), urgency: 'normal', when: 'always' };
}

function grown(before: Notification, part: 'title' | 'body', text: string, keys: Map<string, string>): Notification {
  const urgency = URGENCY[keys.get('u') as keyof typeof URGENCY] ?? before.urgency;
  const when = keys.get('o') ?? '';
  return {
    ...before,
    [part]: (before[part] + text).slice(0, MAX_CHARS),
    urgency,
    when: WHEN.has(when) ? (when as Notification['when']) : before.when,
  };
}
