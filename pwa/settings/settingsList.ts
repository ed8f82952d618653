/** What a person may set: each with its name, its values and what it is when nobody has set it. Pure. */
import type { PreferenceValue } from '../../protocol/preferences.ts';
import { DEFAULT_FONT_PX, MAX_FONT_PX, MIN_FONT_PX } from '../terminal/fontSize.ts';
import { FONT_NAMES, MAX_SCROLLBACK, STANDARD_TERMINAL } from '../terminal/terminalSettings.ts';
import { AS_WINDOW, COLOR_KEYS, isThemeMember, THEME_PREFIX, themesIn } from '../themes/keptThemes.ts';

interface Common {
  /** In the document `settings`. */
  key: string;
  title: string;
  note?: string;
  group: 'Look' | 'Terminal';
  /** Kept in this browser, and in no document: see its note. */
  isOfDevice?: true;
}
export type Setting = Common &
  (
    | { kind: 'choice'; standard: string; options: readonly { value: string; title: string }[] }
    /** A theme that the person has brought along. */
    | { kind: 'colors'; standard: string }
    | { kind: 'number'; standard: number; min: number; max: number }
    | { kind: 'toggle'; standard: boolean }
    | { kind: 'text'; standard: string; placeholder: string; isRight: RegExp; rule: string }
  );
export type SettingValue = string | number | boolean;

export const TEXT_SIZE_KEY = 'terminal.textSize';

export const SETTINGS: readonly Setting[] = [
  {
    key: 'theme',
    title: 'Light or dark',
    group: 'Look',
    kind: 'choice',
    standard: 'system',
    options: [
      { value: 'system', title: 'As the system' },
      { value: 'light', title: 'Light' },
      { value: 'dark', title: 'Dark' },
    ],
  },
  {
    key: 'family',
    title: 'Colours',
    note: 'Of the window and of its terminals.',
    group: 'Look',
    kind: 'choice',
    standard: 'holdfast',
    options: [
      { value: 'holdfast', title: 'Holdfast' },
      { value: 'contrast', title: 'Strong contrast' },
      { value: 'lakehouse', title: 'Databricks workspace' },
    ],
  },
  {
    key: COLOR_KEYS.light,
    title: 'Colours in a light window',
    note: 'Of terminals; imported from another program.',
    group: 'Terminal',
    kind: 'colors',
    standard: AS_WINDOW,
  },
  {
    key: COLOR_KEYS.dark,
    title: 'Colours in a dark window',
    note: 'Of terminals; imported from another program.',
    group: 'Terminal',
    kind: 'colors',
    standard: AS_WINDOW,
  },
  {
    key: TEXT_SIZE_KEY,
    title: 'Size of the text',
    note: 'On this device only: a phone and a desk differ.',
    group: 'Terminal',
    isOfDevice: true,
    kind: 'number',
    standard: DEFAULT_FONT_PX,
    min: MIN_FONT_PX,
    max: MAX_FONT_PX,
  },
  {
    key: 'terminal.font',
    title: 'Font',
    note: 'One that this device has, or several with commas; without it Holdfast’s own is taken.',
    group: 'Terminal',
    kind: 'text',
    standard: STANDARD_TERMINAL.font,
    placeholder: 'Holdfast Mono',
    isRight: FONT_NAMES,
    rule: 'names of fonts with commas between them, of letters, digits, spaces, dots and hyphens',
  },
  {
    key: 'terminal.scrollback',
    title: 'Lines kept above the screen',
    note: 'In this window; the session itself keeps 64 MiB of output.',
    group: 'Terminal',
    kind: 'number',
    standard: STANDARD_TERMINAL.scrollback,
    min: 100,
    max: MAX_SCROLLBACK,
  },
  {
    key: 'terminal.cursorStyle',
    title: 'Cursor',
    note: 'Where a program does not choose one.',
    group: 'Terminal',
    kind: 'choice',
    standard: STANDARD_TERMINAL.cursorStyle,
    options: [
      { value: 'block', title: 'Block' },
      { value: 'bar', title: 'Bar' },
      { value: 'underline', title: 'Underline' },
    ],
  },
  {
    key: 'terminal.cursorBlink',
    title: 'The cursor blinks',
    group: 'Terminal',
    kind: 'toggle',
    standard: STANDARD_TERMINAL.cursorBlink,
  },
  {
    key: 'terminal.ligatures',
    title: 'Ligatures',
    note: 'Signs such as => and != are drawn as one, where the font has them.',
    group: 'Terminal',
    kind: 'toggle',
    standard: STANDARD_TERMINAL.ligatures,
  },
  {
    key: 'terminal.screenReader',
    title: 'Screen reader output',
    note: 'Terminals are written out as text, too; that costs speed.',
    group: 'Terminal',
    kind: 'toggle',
    standard: false,
  },
];

/** What holds: what is set, if it can be, else the standard. */
export function valueOf(setting: Setting, document: PreferenceValue): SettingValue {
  const value = document[setting.key];
  return troubleWith(setting, value, document) === null ? (value as SettingValue) : setting.standard;
}

/** What can be chosen: of colours those that are in the document. */
export function optionsOf(setting: Setting, document: PreferenceValue): readonly { value: string; title: string }[] {
  if (setting.kind === 'choice') return setting.options;
  const themes = themesIn(document).map(({ id, name }) => ({ value: id, title: name }));
  return [{ value: AS_WINDOW, title: 'As the window' }, ...themes];
}

/** Why a value cannot be in this document; null when it can. */
export function troubleWith(setting: Setting, value: unknown, document: PreferenceValue): string | null {
  switch (setting.kind) {
    case 'choice':
    case 'colors': {
      const values = optionsOf(setting, document).map((option) => option.value);
      return values.includes(value as string) ? null : `must be one of ${values.join(', ')}`;
    }
    case 'number': {
      const { min, max } = setting;
      const isRight = Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
      return isRight ? null : `must be a whole number from ${min} to ${max}`;
    }
    case 'text':
      return typeof value === 'string' && setting.isRight.test(value) ? null : `must be ${setting.rule}`;
    case 'toggle':
      return typeof value === 'boolean' ? null : 'must be true or false';
  }
}

/** What in a document holds for nobody, a sentence each. Members that are not known here may be another release's. */
export function troubleInSettings(document: PreferenceValue): string[] {
  const troubles = SETTINGS.flatMap((setting) => {
    if (!(setting.key in document)) return [];
    if (setting.isOfDevice) return [`${setting.key} is of each device, and set in the list.`];
    const trouble = troubleWith(setting, document[setting.key], document);
    return trouble === null ? [] : [`${setting.key} ${trouble}.`];
  });
  const noThemes = Object.keys(document).filter((key) => key.startsWith(THEME_PREFIX) && !isThemeMember(document[key]));
  return [...troubles, ...noThemes.map((key) => `${key} must have a name, and colours as #rrggbb.`)];
}

/** By words of its title, note, group or key. */
export function settingsLike(words: string): Setting[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  return SETTINGS.filter(({ key, title, note = '', group }) => {
    const text = `${key} ${title} ${note} ${group}`.toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}
