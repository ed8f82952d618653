/** Light or dark: what the person chose, else what the system says, stamped on the document. */
import { readonly, ref, shallowRef } from 'vue';

export type ThemeChoice = 'system' | 'dark' | 'light';
export type Theme = 'dark' | 'light';

const KEY = 'holdfast.theme';
const GROUND: Record<Theme, string> = { dark: '#0f1214', light: '#f4f6f5' };

const systemIsLight = matchMedia('(prefers-color-scheme: light)');
const choice = ref<ThemeChoice>(read());
const theme = shallowRef<Theme>(resolve());

systemIsLight.addEventListener('change', apply);
window.addEventListener('storage', (event) => {
  if (event.key !== KEY) return;
  choice.value = read();
  apply();
});
apply();

export function useTheme() {
  return { choice: readonly(choice), theme: readonly(theme), choose };
}

function choose(next: ThemeChoice): void {
  choice.value = next;
  if (next === 'system') localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, next);
  apply();
}

function read(): ThemeChoice {
  const stored = localStorage.getItem(KEY);
  return stored === 'dark' || stored === 'light' ? stored : 'system';
}

function resolve(): Theme {
  if (choice.value !== 'system') return choice.value;
  return systemIsLight.matches ? 'light' : 'dark';
}

function apply(): void {
  theme.value = resolve();
  document.documentElement.dataset.theme = theme.value;
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]'))
    meta.content = GROUND[theme.value];
}
