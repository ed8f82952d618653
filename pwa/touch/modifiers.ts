/** Ctrl, Alt and Shift of the key bar: held for the next key, or until they are tapped again. */

export type Modifier = 'ctrl' | 'alt' | 'shift';
export type Hold = 'off' | 'once' | 'locked';
export type Holds = Readonly<Record<Modifier, Hold>>;

export const NOTHING_HELD: Holds = { ctrl: 'off', alt: 'off', shift: 'off' };
const AFTER_TAP: Record<Hold, Hold> = { off: 'once', once: 'locked', locked: 'off' };

export function tapped(holds: Holds, modifier: Modifier): Holds {
  return { ...holds, [modifier]: AFTER_TAP[holds[modifier]] };
}

/** What is held only once is not held any more after a key. */
export function afterKey(holds: Holds): Holds {
  const kept = (hold: Hold): Hold => (hold === 'once' ? 'off' : hold);
  return { ctrl: kept(holds.ctrl), alt: kept(holds.alt), shift: kept(holds.shift) };
}

export const isHeld = (holds: Holds, modifier: Modifier): boolean => holds[modifier] !== 'off';
export const isAnyHeld = (holds: Holds): boolean =>
  isHeld(holds, 'ctrl') || isHeld(holds, 'alt') || isHeld(holds, 'shift');

/** What Ctrl makes of the signs that have no letter's place, as terminals have it since DEC's. */
const CTRL_SIGNS: Record<string, string> = {
  ' ': '\0',
  '@': '\0',
  '2': '\0',
  '3': '\x1b',
  '[': '\x1b',
  '4': '\x1c',
  '\\': '\x1c',
  '5': '\x1d',
  ']': '\x1d',
  '6': '\x1e',
  '^': '\x1e',
  '7': '\x1f',
  _: '\x1f',
  '/': '\x1f',
  '8': '\x7f',
  '?': '\x7f',
};

/**
 * One typed sign with what is held. Null for anything else, which no modifier applies to: pasted text, a word that was
 * swiped or dictated, what the terminal says by itself.
 */
export function typedWith(typed: string, holds: Holds): string | null {
  if ([...typed].length !== 1 || !isAnyHeld(holds)) return null;
  const shifted = isHeld(holds, 'shift') ? typed.toUpperCase() : typed;
  const sign = isHeld(holds, 'ctrl') ? withCtrl(shifted) : shifted;
  return isHeld(holds, 'alt') ? `\x1b${sign}` : sign;
}

function withCtrl(sign: string): string {
  if (/[a-z]/i.test(sign)) return String.fromCharCode(sign.toUpperCase().charCodeAt(0) - 64);
  return CTRL_SIGNS[sign] ?? sign;
}
