/** Who gets a key: the one table of the window's keys. Whatever is not in it belongs to the program in the terminal. */

export interface Stroke {
  key: string;
  code: string;
  ctrlKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
  metaKey: boolean;
}

export interface Binding {
  /** One stroke, `Ctrl+Shift+P`, or two in turn, `Ctrl+K Ctrl+T`. `Mod` is Cmd on a Mac and Ctrl elsewhere. */
  keys: string;
  action: string;
  /** Only while text is selected in the terminal; otherwise the key is the program's. */
  when?: 'selection';
  /** Done by the browser once the terminal leaves the key alone. */
  isNative?: true;
}

/** A person's own line: with null the keys become the program's. */
export interface OwnBinding {
  keys: string;
  action: string | null;
}

const BINDINGS: readonly Binding[] = [
  { keys: 'Mod+Shift+P', action: 'palette.show' },
  { keys: 'F1', action: 'palette.show' },
  { keys: 'Mod+,', action: 'settings.show' },
  { keys: 'Mod+Shift+O', action: 'switcher.show' },
  { keys: 'F6', action: 'region.next' },
  { keys: 'Shift+F6', action: 'region.previous' },
  { keys: 'Ctrl+Shift+M', action: 'region.next' },
  { keys: 'Mod+Shift+Enter', action: 'session.new' },
  { keys: 'Mod+Shift+T', action: 'session.new' },
  { keys: 'Meta+T', action: 'session.new' },
  { keys: 'Meta+W', action: 'tab.close' },
  { keys: 'Alt+PageDown', action: 'tab.next' },
  { keys: 'Alt+PageUp', action: 'tab.previous' },
  { keys: 'Ctrl+PageDown', action: 'tab.next' },
  { keys: 'Ctrl+PageUp', action: 'tab.previous' },
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => ({ keys: `Alt+${n}`, action: `tab.${n}` })),
  { keys: 'Ctrl+Shift+E', action: 'pane.split.right' },
  { keys: 'Ctrl+Shift+D', action: 'pane.split.down' },
  { keys: 'Meta+D', action: 'pane.split.right' },
  { keys: 'Meta+Shift+D', action: 'pane.split.down' },
  { keys: 'Ctrl+Shift+X', action: 'pane.zoom' },
  { keys: 'Alt+Shift+ArrowLeft', action: 'pane.go.left' },
  { keys: 'Alt+Shift+ArrowRight', action: 'pane.go.right' },
  { keys: 'Alt+Shift+ArrowUp', action: 'pane.go.up' },
  { keys: 'Alt+Shift+ArrowDown', action: 'pane.go.down' },
  { keys: 'Ctrl+Shift+F', action: 'terminal.find' },
  { keys: 'Meta+F', action: 'terminal.find' },
  { keys: 'Ctrl+Shift+L', action: 'terminal.links' },
  { keys: 'Ctrl+Shift+ArrowUp', action: 'terminal.previousCommand' },
  { keys: 'Ctrl+Shift+ArrowDown', action: 'terminal.nextCommand' },
  { keys: 'Meta+K', action: 'terminal.clear' },
  { keys: 'Ctrl+Shift+C', action: 'terminal.copy' },
  { keys: 'Ctrl+Insert', action: 'terminal.copy' },
  { keys: 'Ctrl+C', action: 'terminal.copy', when: 'selection' },
  { keys: 'Meta+C', action: 'terminal.copy', when: 'selection' },
  { keys: 'Ctrl+Shift+V', action: 'terminal.paste', isNative: true },
  { keys: 'Shift+Insert', action: 'terminal.paste', isNative: true },
  { keys: 'Meta+V', action: 'terminal.paste', isNative: true },
];

/** Elsewhere a Mac's Cmd is the desktop's key. */
export const defaultBindings = (forMac: boolean): readonly Binding[] =>
  BINDINGS.filter(({ keys }) => forMac || !keys.startsWith('Meta+'));

const MODIFIERS = ['Ctrl', 'Alt', 'Shift', 'Meta'] as const;
const isMac = typeof navigator !== 'undefined' && /mac/i.test(navigator.platform);
export const DEFAULT_BINDINGS = defaultBindings(isMac);

/** Signs that mean something else in the name of a stroke. */
const NAMED: Record<string, string> = { ' ': 'Space', '+': 'Plus' };

/** `Ctrl+Shift+T`: modifiers in a fixed order, letters in capitals. */
export function strokeName({ key, code, ctrlKey, shiftKey, altKey, metaKey }: Stroke): string {
  // Alt may turn a letter into another sign (macOS); the key is still that letter's.
  const plain = altKey ? /^(?:Key([A-Z])|Digit(\d))$/.exec(code) : null;
  const name = plain?.[1] ?? plain?.[2] ?? NAMED[key] ?? (key.length === 1 ? key.toUpperCase() : key);
  const held = [ctrlKey && 'Ctrl', altKey && 'Alt', shiftKey && 'Shift', metaKey && 'Meta'].filter(Boolean);
  return [...held, name].join('+');
}

/** Keys as a person writes them, as `strokeName` says them; null when they are none. */
export function parseKeys(text: string, forMac = isMac): string | null {
  const strokes = text.trim().split(/\s+/);
  if (strokes.length > 2) return null;
  const names = strokes.map((stroke) => parseStroke(stroke, forMac));
  return names.includes(null) ? null : names.join(' ');
}

function parseStroke(text: string, forMac: boolean): string | null {
  const parts = text.split('+');
  const key = parts.pop();
  if (!key) return null;
  const aliases: Record<string, string> = {
    mod: forMac ? 'Meta' : 'Ctrl',
    cmd: 'Meta',
    control: 'Ctrl',
    option: 'Alt',
  };
  const held = parts.map(
    (part) => aliases[part.toLowerCase()] ?? `${part[0]?.toUpperCase() ?? ''}${part.slice(1).toLowerCase()}`,
  );
  if (held.some((name) => !MODIFIERS.includes(name as (typeof MODIFIERS)[number]))) return null;
  const name = key.length === 1 ? key.toUpperCase() : `${key[0]!.toUpperCase()}${key.slice(1)}`;
  return [...MODIFIERS.filter((one) => held.includes(one)), name].join('+');
}

/**
 * What a browser does with these closes, covers or leaves the window. Where no program and no action has them, nothing comes of them.
 * On a Mac, Ctrl with a letter moves the cursor in a field.
 */
const HELD_BACK = new Set(
  (isMac
    ? ['Mod+P', 'Mod+S', 'Mod+O', 'Mod+Shift+T', 'Mod+W']
    : ['W', 'T', 'N', 'P', 'S', 'O', 'U', 'Shift+W', 'Shift+T', 'Shift+O', 'Shift+P', 'Shift+D'].map(
        (key) => `Mod+${key}`,
      )
  )
    .concat('F1')
    .map((keys) => parseKeys(keys)!),
);
export const isHeldBack = (keys: string): boolean => HELD_BACK.has(keys);

export interface Decision {
  /** `Ctrl+Shift+P`. */
  keys: string;
  owner: 'app' | 'program';
  /** None for the program, and after the first of two strokes. */
  action?: string;
  isNative?: boolean;
}

export class Keymap {
  #bindings: Binding[];
  /** The first of two strokes, while the second is waited for. */
  #pending: string | null = null;

  /** @param own a person's lines, which go before; those that say no keys are left out (`troubleIn` of pwa/keys tells them) */
  constructor(own: readonly OwnBinding[] = [], defaults: readonly Binding[] = DEFAULT_BINDINGS) {
    const mine = own.flatMap(({ keys, action }) => {
      const name = parseKeys(keys);
      return name ? [{ keys: name, action }] : [];
    });
    const taken = new Set(mine.map(({ keys }) => keys));
    const named = defaults.map((binding) => ({ ...binding, keys: parseKeys(binding.keys)! }));
    this.#bindings = [
      ...mine.flatMap(({ keys, action }) => (action === null ? [] : [{ keys, action }])),
      ...named.filter(({ keys }) => !taken.has(keys)),
    ];
  }

  get bindings(): readonly Binding[] {
    return this.#bindings;
  }

  get pending(): string | null {
    return this.#pending;
  }

  keysOf(action: string): string[] {
    return [...new Set(this.#bindings.filter((one) => one.action === action).map(({ keys }) => keys))];
  }

  /** The second stroke is not waited for any more. */
  cancel(): void {
    this.#pending = null;
  }

  /** Decides on one stroke. A second stroke that means nothing is the window's, too: it was not typed into the program. */
  press(stroke: Stroke, hasSelection: boolean): Decision {
    if (MODIFIERS.some((name) => stroke.key === name || stroke.key === 'Control'))
      return { keys: '', owner: 'program' };
    const first = this.#pending;
    const keys = [...(first ? [first] : []), strokeName(stroke)].join(' ');
    this.#pending = null;
    const found = this.#bindings.find((one) => one.keys === keys && (one.when !== 'selection' || hasSelection));
    if (found) return { keys, owner: 'app', action: found.action, ...(found.isNative ? { isNative: true } : {}) };
    if (first) return { keys, owner: 'app' };
    if (!this.#bindings.some((one) => one.keys.startsWith(`${keys} `))) return { keys, owner: 'program' };
    this.#pending = keys;
    return { keys, owner: 'app' };
  }
}
