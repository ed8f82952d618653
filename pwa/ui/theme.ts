/** The look: a family and light or dark, as the person chose, else as the system says; stamped on the document. */
import { readonly, ref, shallowRef } from 'vue';
import { localStore } from './browserStorage.ts';

export type ThemeChoice = 'system' | 'dark' | 'light';
/** Ours, one with the strongest contrast, and one close to the Databricks workspace. */
export type Family = 'holdfast' | 'contrast' | 'lakehouse';
type Mode = 'dark' | 'light';
export type Theme = Mode | `${'contrast' | 'lakehouse'}-${Mode}`;

const KEY = 'holdfast.theme';
const FAMILY_KEY = 'holdfast.family';
/** Of the window's frame; the same as `--ground` in tokens.css. */
const GROUND: Record<Theme, string> = {
  dark: '#0f1214',
  light: '#f4f6f5',
  'contrast-dark': '#000000',
  'contrast-light': '#ffffff',
  'lakehouse-dark': '#0b1c22',
  'lakehouse-light': '#f6f7f9',
};

const systemIsLight = matchMedia('(prefers-color-scheme: light)');
const systemWantsContrast = matchMedia('(prefers-contrast: more), (forced-colors: active)');
const choice = ref<ThemeChoice>(readChoice());
const family = ref<Family>(readFamily());
const theme = shallowRef<Theme>(resolve());

for (const query of [systemIsLight, systemWantsContrast]) query.addEventListener('change', apply);
window.addEventListener('storage', (event) => {
  if (event.key !== KEY && event.key !== FAMILY_KEY) return;
  choice.value = readChoice();
  family.value = readFamily();
  apply();
});
apply();

export function useTheme() {
  return { choice: readonly(choice), family: readonly(family), theme: readonly(theme), choose, chooseFamily };
}

function choose(next: ThemeChoice): void {
  choice.value = next;
  keep(KEY, next, 'system');
  apply();
}

function chooseFamily(next: Family): void {
  family.value = next;
  keep(FAMILY_KEY, next, 'holdfast');
  apply();
}

function keep(key: string, value: string, standard: string): void {
  if (value === standard) localStore.remove(key);
  else localStore.set(key, value);
}

function readChoice(): ThemeChoice {
  const stored = localStore.get(KEY);
  return stored === 'dark' || stored === 'light' ? stored : 'system';
}

function readFamily(): Family {
  const stored = localStore.get(FAMILY_KEY);
  return stored === 'contrast' || stored === 'lakehouse' ? stored : 'holdfast';
}

function resolve(): Theme {
  const mode: Mode = choice.value !== 'system' ? choice.value : systemIsLight.matches ? 'light' : 'dark';
  const shown = family.value === 'holdfast' && systemWantsContrast.matches ? 'contrast' : family.value;
  return shown === 'holdfast' ? mode : `${shown}-${mode}`;
}

function apply(): void {
  theme.value = resolve();
  document.documentElement.dataset.theme = theme.value;
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]'))
    meta.content = GROUND[theme.value];
}
