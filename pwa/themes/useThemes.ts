/** The person's own themes: kept, chosen, named and given away; and what a file that was brought here holds. */
import { computed, shallowRef } from 'vue';
import { usePreferences } from '../settings/usePreferences.ts';
import { sentenceOf } from '../ui/errorText.ts';
import { useTheme } from '../ui/theme.ts';
import { exportName, exportTheme } from './exportTheme.ts';
import type { ReadTheme } from './fileTheme.ts';
import { AS_WINDOW, COLOR_KEYS, deletion, MAX_THEMES, THEME_PREFIX, themesIn } from './keptThemes.ts';
import type { KeptTheme, Mode } from './keptThemes.ts';
import { MAX_THEME_CHARS, readThemes } from './readThemes.ts';
import { MAX_THEME_NAME, nameOf } from './themeName.ts';

export interface FoundTheme extends ReadTheme {
  /** Of this window only. */
  id: string;
  format: string;
}

/** Each character has at most so many bytes of a file. */
const MAX_BYTES_OF_CHAR = 4;

export function useThemes() {
  const { values, change } = usePreferences();
  const { theme } = useTheme();
  const kept = computed(() => themesIn(values.settings.value));
  const mode = computed((): Mode => (theme.value.endsWith('light') ? 'light' : 'dark'));
  /** What was read and is neither kept nor passed over yet. */
  const found = shallowRef<FoundTheme[]>([]);
  const trouble = shallowRef('');
  const isFull = computed(() => kept.value.length >= MAX_THEMES);
  let reading = 0;

  const isChosen = (id: string, where: Mode) => values.settings.value[COLOR_KEYS[where]] === id;
  const choose = (id: string, where: Mode) =>
    change('settings', { [COLOR_KEYS[where]]: isChosen(id, where) ? AS_WINDOW : id });

  /** What is read later takes the place of what was read before. */
  async function read(sources: readonly { name: string; text: () => Promise<string> }[]) {
    const turn = ++reading;
    [found.value, trouble.value] = [[], ''];
    const troubles: string[] = [];
    for (const { name, text } of sources) {
      try {
        const { format, themes } = await readThemes(await text(), name);
        if (turn !== reading) return;
        found.value = [...found.value, ...themes.map((theme) => ({ ...theme, format, id: newId() }))];
      } catch (error) {
        troubles.push(`${name ? `${name}: ` : ''}${sentenceOf(error)}`);
      }
    }
    if (turn === reading) trouble.value = troubles.join(' ');
  }

  const readFiles = (files: readonly File[]) =>
    read(
      files.map((file) => ({
        name: file.name,
        // Of one that is too long no more than shows it.
        text: () => file.slice(0, (MAX_THEME_CHARS + 1) * MAX_BYTES_OF_CHAR).text(),
      })),
    );
  const readText = (text: string) => read([{ name: '', text: () => Promise.resolve(text) }]);

  /** What has the same name is replaced: it is the newer one of the same. */
  function keep(theme: FoundTheme, name: string, where: Mode | null) {
    const wanted = nameOf(name) || theme.name;
    const same = kept.value.find((one) => one.name === wanted);
    const id = same?.id ?? newId();
    const chosen = where ? { [COLOR_KEYS[where]]: id } : {};
    change('settings', { [THEME_PREFIX + id]: { name: wanted, colors: theme.colors }, ...chosen });
    drop(theme.id);
  }

  const drop = (id: string) => (found.value = found.value.filter((one) => one.id !== id));
  const remove = (id: string) => change('settings', deletion(values.settings.value, id));

  function rename({ id, colors }: KeptTheme, name: string) {
    const wanted = nameOf(name);
    if (wanted) change('settings', { [THEME_PREFIX + id]: { name: wanted, colors } });
  }

  function save(theme: KeptTheme) {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([exportTheme(theme)], { type: 'application/json' }));
    link.download = exportName(theme.name);
    link.click();
    // The browser has taken it by then.
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }

  return {
    kept,
    mode,
    isChosen,
    choose,
    rename,
    remove,
    save,
    found,
    trouble,
    isFull,
    readFiles,
    readText,
    keep,
    drop,
    maxNameChars: MAX_THEME_NAME,
  };
}

function newId(): string {
  return [...crypto.getRandomValues(new Uint8Array(6))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
