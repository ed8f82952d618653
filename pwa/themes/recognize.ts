/** Which program a text is for, by what stands in it: names of files say little, and a text that is pasted has none. Pure. */

export const FORMATS = {
  itermcolors: 'iTerm2',
  json: 'Windows Terminal or VS Code',
  toml: 'Alacritty or WezTerm',
  yaml: 'base16, base24 or Alacritty',
  ghostty: 'Ghostty',
  kitty: 'kitty',
  xresources: 'Xresources',
} as const;
/** In the order of how many people have them. */
export const PROGRAMS =
  'iTerm2, Windows Terminal, VS Code, Alacritty, kitty, Ghostty, WezTerm, base16, base24, Xresources';
export type Format = keyof typeof FORMATS;

/** The first that matches counts. `m` goes by lines. */
const SIGNS: readonly [Format, RegExp][] = [
  ['itermcolors', /^\s*(<\?xml|<!DOCTYPE plist|<plist)/i],
  ['json', /^\s*((\/\/[^\n]*\n|\/\*[^]*?\*\/)\s*)*(\{|\[\s*\{)/],
  ['yaml', /^[ \t]*['"]?base0[0-9a-f]['"]?[ \t]*:|^colors:/im],
  ['toml', /^[ \t]*\[[\w."' -]+\][ \t]*(#.*)?$|^[ \t]*colors\.\w/m],
  ['ghostty', /^[ \t]*palette[ \t]*=\s*\d+[ \t]*=|^[ \t]*(background|foreground|cursor-color)[ \t]*=/m],
  ['kitty', /^[ \t]*(color\d{1,3}|background|foreground)[ \t]+[^\s:=]/m],
  ['xresources', /^[^\s!#:]*(color\d{1,2}|background|foreground)[ \t]*:/im],
];

export function formatOf(text: string): Format | null {
  return SIGNS.find(([, sign]) => sign.test(text))?.[0] ?? null;
}
