/** Our own colours of terminals, one set for each look of the window. */
import type { Theme } from '../ui/theme.ts';
import type { TerminalColors } from './colors.ts';

export type TerminalTheme = TerminalColors &
  Record<
    | 'cursor'
    | 'cursorAccent'
    | 'selectionBackground'
    | 'selectionInactiveBackground'
    | `scrollbarSlider${'' | 'Hover' | 'Active'}Background`,
    string
  >;

const dark: TerminalTheme = {
  background: '#0c0f11',
  foreground: '#e6ebee',
  cursor: '#e6ebee',
  cursorAccent: '#0c0f11',
  selectionBackground: '#2f5a4b',
  selectionInactiveBackground: '#2b3339',
  scrollbarSliderBackground: '#a4b0b833',
  scrollbarSliderHoverBackground: '#a4b0b855',
  scrollbarSliderActiveBackground: '#a4b0b877',
  black: '#232a2f',
  red: '#f06a6a',
  green: '#5cc8a0',
  yellow: '#f0b13f',
  blue: '#6cb2ff',
  magenta: '#c792ea',
  cyan: '#5cc6d8',
  white: '#c5ced4',
  brightBlack: '#7d8a93',
  brightRed: '#ff8d8d',
  brightGreen: '#84e0bd',
  brightYellow: '#ffcf70',
  brightBlue: '#97caff',
  brightMagenta: '#dcb3f7',
  brightCyan: '#8adcea',
  brightWhite: '#ffffff',
};

const light: TerminalTheme = {
  background: '#fbfcfb',
  foreground: '#16201c',
  cursor: '#16201c',
  cursorAccent: '#fbfcfb',
  selectionBackground: '#b9dccd',
  selectionInactiveBackground: '#dbe3df',
  scrollbarSliderBackground: '#4d5b5533',
  scrollbarSliderHoverBackground: '#4d5b5555',
  scrollbarSliderActiveBackground: '#4d5b5577',
  black: '#16201c',
  red: '#c13434',
  green: '#0f7a57',
  yellow: '#8f5500',
  blue: '#1463c4',
  magenta: '#8a3fb0',
  cyan: '#0b7285',
  white: '#d9e0dd',
  brightBlack: '#5f6c66',
  brightRed: '#d9483b',
  brightGreen: '#148f67',
  brightYellow: '#a86400',
  brightBlue: '#2b7de0',
  brightMagenta: '#a557cc',
  brightCyan: '#128ca3',
  brightWhite: '#ffffff',
};

export const terminalThemes: Record<Theme, TerminalTheme> = {
  dark,
  light,
  'contrast-dark': {
    ...dark,
    background: '#000000',
    foreground: '#ffffff',
    cursor: '#ffffff',
    cursorAccent: '#000000',
    brightBlack: '#b4c0c8',
  },
  'contrast-light': {
    ...light,
    background: '#ffffff',
    foreground: '#000000',
    cursor: '#000000',
    brightBlack: '#3d4a45',
  },
  'lakehouse-dark': { ...dark, background: '#0a171c', cursorAccent: '#0a171c', selectionBackground: '#5a3a35' },
  'lakehouse-light': { ...light, background: '#ffffff', cursorAccent: '#ffffff', selectionBackground: '#f4d3cc' },
};
