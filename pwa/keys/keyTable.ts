/** A person's own lines of the keymap, and what becomes of them: keys are given to an action, or back to the program. Pure. */
import { KEPT_BY_BROWSERS } from './keptByBrowsers.ts';
import { DEFAULT_BINDINGS, Keymap, parseKeys, type OwnBinding } from '../ui/keymap.ts';

/** Lines of one person; more would be no keymap, and the document has its limit. */
export const MAX_OWN_BINDINGS = 500;

type Own = readonly OwnBinding[];

const STANDARD = DEFAULT_BINDINGS.map(({ keys, action }) => ({ keys: parseKeys(keys)!, action }));
const standardOf = (keys: string) => STANDARD.find((one) => one.keys === keys)?.action ?? null;
const others = (own: Own, keys: string) => own.filter((one) => parseKeys(one.keys) !== keys);

/** @param keys as `parseKeys` says them; they are nobody else's any more */
export function given(own: Own, keys: string, action: string): OwnBinding[] {
  const rest = others(own, keys);
  return standardOf(keys) === action ? rest : [...rest, { keys, action }];
}

/** They reach the program again. */
export function givenBack(own: Own, keys: string): OwnBinding[] {
  const rest = others(own, keys);
  return standardOf(keys) === null ? rest : [...rest, { keys, action: null }];
}

/** They are whose they come as. */
export function asTheyCome(own: Own, keys: string): OwnBinding[] {
  return others(own, keys);
}

/** The action has them no more: what it was given goes whom it comes with, what it comes with goes to the program. */
export function letGo(own: Own, keys: string, action: string): OwnBinding[] {
  const isOwn = own.some((one) => parseKeys(one.keys) === keys && one.action === action);
  return isOwn ? asTheyCome(own, keys) : givenBack(own, keys);
}

/** Of one action: it has the keys that it comes with, and no others. */
export function standardAgain(own: Own, action: string): OwnBinding[] {
  return own.filter((one) => one.action !== action && standardOf(parseKeys(one.keys) ?? '') !== action);
}

export function isChanged(own: Own, action: string): boolean {
  const keysOf = (lines: Own) => new Keymap(lines).keysOf(action).sort().join();
  return keysOf(own) !== keysOf([]);
}

/** Keys that come with an action and were given back to the program. */
export function awayKeys(own: Own): { keys: string; action: string }[] {
  const away = new Set(own.filter(({ action }) => action === null).map(({ keys }) => parseKeys(keys)));
  return STANDARD.filter(({ keys }) => away.has(keys));
}

/** What comes of giving keys to an action, to be said before it is done. */
export interface Consequence {
  kind: 'taken' | 'hides' | 'hidden' | 'typing' | 'program' | 'browser' | 'same';
  /** Those that it is about: the keys themselves, or a chord that begins with them, or the stroke that they begin with. */
  keys: string;
  /** Whose they are. */
  action?: string;
}

/** A chord whose first stroke is somebody's by itself would never be waited for. */
export const isImpossible = (consequences: readonly Consequence[]) =>
  consequences.some(({ kind }) => kind === 'hidden' || kind === 'same');

/** @param instead the keys that they take the place of, and that are free then */
export function consequencesOf(own: Own, keys: string, action: string, instead: string | null = null): Consequence[] {
  const { bindings } = new Keymap(instead === null ? own : letGo(own, instead, action));
  const owner = bindings.find((one) => one.keys === keys);
  if (owner?.action === action && !owner.when) return [{ kind: 'same', keys, action }];
  const [first, second] = keys.split(' ') as [string, string?];
  const found: Consequence[] = owner && owner.action !== action ? [{ kind: 'taken', keys, action: owner.action }] : [];
  const before = second === undefined ? undefined : bindings.find((one) => one.keys === first && !one.when);
  if (before) found.push({ kind: 'hidden', keys: first, action: before.action });
  const chords = bindings.filter((one) => second === undefined && one.keys.startsWith(`${keys} `));
  found.push(...chords.map((one): Consequence => ({ kind: 'hides', keys: one.keys, action: one.action })));
  if (KEPT_BY_BROWSERS.has(first)) found.push({ kind: 'browser', keys: first });
  const isFree = !bindings.some((one) => one.keys === first || one.keys.startsWith(`${first} `));
  if (isFree) found.push({ kind: isTyped(first) ? 'typing' : 'program', keys: first });
  return found;
}

/** Without it nothing could be written, or no way out of a program be found. */
function isTyped(stroke: string): boolean {
  const [key, ...held] = stroke.split('+').reverse();
  const isPlain = held.every((name) => name === 'Shift');
  return isPlain && ([...key!].length === 1 || /^(Plus|Space|Enter|Tab|Escape|Backspace|Delete|Arrow\w+)$/.test(key!));
}

/** @param titleOf an action */
export function sentenceFor({ kind, keys, action = '' }: Consequence, titleOf: (action: string) => string): string {
  switch (kind) {
    case 'taken':
      return `${keys} is “${titleOf(action)}”: it will be taken from it.`;
    case 'hides':
      return `${keys} is “${titleOf(action)}”, and could not be pressed any more.`;
    case 'hidden':
      return `${keys} is “${titleOf(action)}” by itself: the second key would never be waited for.`;
    case 'typing':
      return `${keys} could not be typed into any terminal any more.`;
    case 'program':
      return `${keys} goes to the program in the terminal now, and would not any more.`;
    case 'browser':
      return `A browser tab keeps ${keys} for itself: only the installed app gets it.`;
    case 'same':
      return `${keys} is that already.`;
  }
}

export interface KeyRow {
  id: string;
  title: string;
  group: string;
  keys: string[];
}

/** @param pressed the keys that are looked for, or what they begin with; empty for any */
export function rowsLike(rows: readonly KeyRow[], words: string, pressed: string): KeyRow[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter(({ id, title, group, keys }) => {
    const text = `${id} ${title} ${group} ${keys.join(' ')}`.toLowerCase();
    const isPressed = pressed === '' || keys.some((one) => one === pressed || one.startsWith(`${pressed} `));
    return isPressed && wanted.every((word) => text.includes(word));
  });
}
