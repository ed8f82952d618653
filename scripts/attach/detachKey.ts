/** The key that leads out of a session: pressed once it detaches, pressed twice the program is given it. */
import { AppError } from '../../protocol/errors.ts';

export interface DetachKey {
  /** As it is shown: `Ctrl-]`. */
  name: string;
  byte: number;
}

export const DEFAULT_DETACH_KEY = '^]';

/** @param text `^]`, `^a` and the like, or `none`. @throws AppError `input.invalid` */
export function parseDetachKey(text: string): DetachKey | null {
  if (text === 'none') return null;
  const char = /^\^([A-Za-z@[\\\]^_])$/.exec(text)?.[1]?.toUpperCase();
  if (!char) throw new AppError('input.invalid', `--detach-key is written like ^] or ^A, or none; not ${text}`);
  const byte = char.charCodeAt(0) & 0x1f;
  // Every arrow key begins with the one, and Enter, Tab or an interrupt would be gone with the others.
  if ([0x1b, 0x0d, 0x09, 0x03].includes(byte))
    throw new AppError('input.invalid', `--detach-key ${text} is a key that no program can do without`);
  return { name: `Ctrl-${char}`, byte };
}

export interface Typed {
  /** For the program. */
  bytes: Uint8Array;
  isDetached: boolean;
}

const PASTE_BEGIN = '\x1b[200~';
const PASTE_END = '\x1b[201~';

export class DetachKeys {
  #isPressed = false;
  #isPasting = false;
  /** The end of what was typed before, to find the marks of a paste that came in two pieces. */
  #tail = '';

  constructor(private readonly key: DetachKey | null) {}

  /** The key was pressed, and it is open whether it will be again; `pass` of time decides. */
  get isPressed(): boolean {
    return this.#isPressed;
  }

  /** Goes through what was typed; nothing behind a press that detaches is for the program. */
  take(typed: Uint8Array): Typed {
    const text = Buffer.from(typed).toString('latin1');
    const kept: string[] = [];
    let at = 0;
    while (at < text.length) {
      const length = this.#isPasting ? 0 : this.#pressAt(text, at);
      const unit = text.slice(at, at + (length || 1));
      at += unit.length;
      if (length > 0 && !this.#isPressed) this.#isPressed = true;
      else if (length === 0 && this.#isPressed) return { bytes: latin1(kept), isDetached: true };
      else {
        this.#isPressed = false;
        kept.push(unit);
      }
      this.#notePaste(unit);
    }
    return { bytes: latin1(kept), isDetached: false };
  }

  /** How long the press of the key at this place is; 0 when there is none. Programs can ask for two other spellings of it. */
  #pressAt(text: string, at: number): number {
    if (!this.key) return 0;
    const { byte } = this.key;
    if (text.charCodeAt(at) === byte) return 1;
    if (text[at] !== '\x1b') return 0;
    // kitty's keyboard protocol and xterm's modifyOtherKeys; Ctrl is modifier 5, and a release (:3) is no press.
    const code = String.fromCharCode(byte | 0x40)
      .toLowerCase()
      .charCodeAt(0);
    const spelling = new RegExp(`^\\x1b\\[(?:${code}(?::\\d*)*;5(?::[12])?u|27;5;${code}~)`);
    return spelling.exec(text.slice(at, at + 32))?.[0].length ?? 0;
  }

  #notePaste(unit: string): void {
    this.#tail = (this.#tail + unit).slice(-PASTE_BEGIN.length);
    if (this.#tail === PASTE_BEGIN) this.#isPasting = true;
    else if (this.#tail === PASTE_END) this.#isPasting = false;
  }
}

function latin1(parts: string[]): Uint8Array {
  return Buffer.from(parts.join(''), 'latin1');
}
