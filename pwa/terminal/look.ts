/** How every terminal looks and what it can do: options, font, and the add-ons that may come later. */
import type { ITerminalInitOnlyOptions, ITerminalOptions, Terminal } from '@xterm/xterm';
import { SAME_FOR_ALL } from '../../protocol/xtermState.ts';
import { optionsOf, type TerminalSettings } from './terminalSettings.ts';
import type { TerminalLook } from './terminalLook.ts';

const FONT_PX = 13;
const FONT_WAIT_MS = 1_000;

/** What a person may choose of it. */
export interface Drawing {
  look: TerminalLook;
  /** Written out for screen readers as well. */
  screenReader: boolean;
  settings: TerminalSettings;
  /** In pixels. */
  fontSize: number;
}

export function terminalOptions({
  look,
  screenReader,
  settings,
  fontSize,
}: Drawing): ITerminalOptions & ITerminalInitOnlyOptions {
  return {
    ...SAME_FOR_ALL,
    cursorInactiveStyle: 'outline',
    fontSize,
    macOptionClickForcesSelection: true,
    minimumContrastRatio: look.contrast,
    screenReaderMode: screenReader,
    showCursorImmediately: true, // also in a pane that never had the focus
    theme: look.colors,
    ...optionsOf(settings),
  };
}

/** One sign of each font file: all are wanted, because each width is measured once, when a sign is first drawn. */
const FONTS: readonly [family: string, sample: string][] = [
  ['Holdfast Mono', 'm'],
  ['Holdfast Symbols', '\u23bf\u23fa'],
];

/** Waits for the fonts, but a missing one must not keep anyone waiting. */
export async function terminalFont(): Promise<void> {
  const loading = FONTS.map(([family, sample]) => document.fonts.load(`${FONT_PX}px '${family}'`, sample));
  const loaded = Promise.all(loading).catch(() => {});
  await Promise.race([loaded, new Promise((resolve) => setTimeout(resolve, FONT_WAIT_MS))]);
}

export interface LinkUse {
  followLink(event: MouseEvent, uri: string): void;
  hoverLink(uri: string): void;
  leaveLink(): void;
}

/** Links: worth having, not worth waiting for. */
export async function loadLinks(terminal: Terminal, use: LinkUse): Promise<void> {
  const links = await import('@xterm/addon-web-links');
  if (!terminal.element) return;
  const follow = (event: MouseEvent, uri: string) => use.followLink(event, uri);
  const hover = (_: MouseEvent, uri: string) => use.hoverLink(uri);
  terminal.loadAddon(new links.WebLinksAddon(follow, { hover, leave: () => use.leaveLink() }));
}
