/** What concerns the whole app, whatever it shows: look, keys, tokens, signing out. */
import { useConnection } from '../connection/useConnection.ts';
import { useScreenReader } from '../terminal/useScreenReader.ts';
import { offerActions } from '../ui/actions.ts';
import { sentenceOf } from '../ui/errorText.ts';
import { useTheme, type Family, type ThemeChoice } from '../ui/theme.ts';
import { toast } from '../ui/toasts.ts';
import { useDialogs } from './useDialogs.ts';

const NEXT: Record<ThemeChoice, ThemeChoice> = { system: 'light', light: 'dark', dark: 'system' };
const THEMES: Record<ThemeChoice, string> = { system: 'as the system', light: 'light', dark: 'dark' };
const FAMILIES: Record<Family, string> = {
  holdfast: 'Holdfast’s own colours',
  contrast: 'Strong contrast',
  lakehouse: 'Colours of the Databricks workspace',
};

export function offerAppActions(): void {
  const { signOut } = useConnection();
  const { choice, choose, family, chooseFamily } = useTheme();
  const { screenReader, setScreenReader } = useScreenReader();
  const { show } = useDialogs();

  async function leave() {
    try {
      await signOut();
    } catch (error) {
      toast(`${sentenceOf(error)} You are still signed in.`, 'bad');
    }
  }

  offerActions([
    {
      id: 'theme.next',
      title: 'Theme',
      group: 'Settings',
      note: () => THEMES[choice.value],
      run: () => choose(NEXT[choice.value]),
    },
    ...(['system', 'light', 'dark'] as const).map((one) => ({
      id: `theme.${one}`,
      title: `Theme: ${THEMES[one]}`,
      group: 'Settings' as const,
      isAvailable: () => choice.value !== one,
      run: () => choose(one),
    })),
    ...(Object.keys(FAMILIES) as Family[]).map((one) => ({
      id: `family.${one}`,
      title: `Theme: ${FAMILIES[one]}`,
      group: 'Settings' as const,
      isAvailable: () => family.value !== one,
      run: () => chooseFamily(one),
    })),
    { id: 'settings.show', title: 'Settings…', group: 'Settings', run: () => show({ kind: 'settings' }) },
    { id: 'keys.show', title: 'Keyboard…', group: 'Settings', run: () => show({ kind: 'keyboard' }) },
    { id: 'tokens.show', title: 'Command-line tokens…', group: 'Settings', run: () => show({ kind: 'tokens' }) },
    {
      id: 'screenReader.toggle',
      title: 'Screen reader output',
      group: 'Settings',
      note: () => (screenReader.value ? 'on' : 'off'),
      run: () => setScreenReader(!screenReader.value),
    },
    { id: 'app.signOut', title: 'Sign out', group: 'Settings', run: () => void leave() },
  ]);
}
