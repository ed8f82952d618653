/** How a cell looks, and the sequences that make the next character look so. */
import type { RawAttributes, XtermState } from './xtermState.ts';

/** How the colour in the lower bits is meant; 0 is the terminal's own. */
const COLOR_MODE = 0x3000000;
const PALETTE_16 = 0x1000000;
const PALETTE_256 = 0x2000000;
const RGB = 0x3000000;

const enum Fg {
  Inverse = 0x4000000,
  Bold = 0x8000000,
  Underline = 0x10000000,
  Blink = 0x20000000,
  Invisible = 0x40000000,
  Strikethrough = 0x80000000,
}

const enum Bg {
  Italic = 0x4000000,
  Dim = 0x8000000,
  Extended = 0x10000000,
  Protected = 0x20000000,
  Overline = 0x40000000,
}

const FLAGS = 0xfc000000;
const MAX_LINK_CHARS = 2083;

export interface Look {
  /** Colour and flags in one number; the colour without what an earlier one left in unused bits. */
  fg: number;
  bg: number;
  /** 0 none, 1 single, 2 double, 3 curly, 4 dotted, 5 dashed. */
  underline: number;
  /** Colour as in `fg`; 0 that of the text. */
  underlineColor: number;
  /** xterm's number of the link; 0 none. */
  link: number;
}

export const PLAIN: Look = { fg: 0, bg: 0, underline: 0, underlineColor: 0, link: 0 };

/** What can be seen of `raw`; two that look the same are equal. A link that xterm has forgotten is none. */
export function lookOf(raw: RawAttributes, state: XtermState): Look {
  const { fg, bg } = raw;
  const plain = ((fg & FLAGS) >>> 0) + color(fg);
  if ((bg & Bg.Extended) === 0) {
    const isUnderlined = (fg & Fg.Underline) !== 0;
    return { fg: plain, bg: backgroundOf(bg), underline: isUnderlined ? 1 : 0, underlineColor: 0, link: 0 };
  }
  const { extended } = raw;
  const style = (fg & Fg.Underline) === 0 ? 0 : (extended._ext >>> 26) & 7;
  const link = extended.urlId !== 0 && linkOf(extended.urlId, state) ? extended.urlId : 0;
  return {
    fg: style === 0 && (fg & Fg.Underline) !== 0 ? plain - Fg.Underline : plain,
    bg: backgroundOf(bg),
    underline: style,
    underlineColor: style === 0 ? 0 : color(extended.underlineColor),
    link,
  };
}

/** Without what is not seen: a link's target, and protection against selective erasing. */
export function visibleOf(look: Look): Look {
  return { ...look, bg: (look.bg & ~Bg.Protected) >>> 0, link: 0 };
}

export function isSameLook(a: Look, b: Look): boolean {
  return (
    a.fg === b.fg &&
    a.bg === b.bg &&
    a.underline === b.underline &&
    a.underlineColor === b.underlineColor &&
    a.link === b.link
  );
}

/** Whether a blank cell can be made to look so by erasing: nothing but a background colour. */
export function isErasedLook(look: Look): boolean {
  return look.fg === 0 && (look.bg & FLAGS) === 0 && look.link === 0;
}

/** From any attributes to `look`; the link is opened or closed only where it differs from `openLink`. */
export function sequencesFor(look: Look, openLink: number, state: XtermState): string {
  const params = flagParams(look);
  if (look.underline > 0) params.push(look.underline === 1 ? 4 : `4:${look.underline}`);
  if (look.underlineColor !== 0) params.push(underlineParam(look.underlineColor));
  const sgr = params.length === 0 ? '\x1b[m' : `\x1b[0;${params.join(';')}m`;
  const protect = look.bg & Bg.Protected ? '\x1b[1"q' : '';
  return sgr + protect + (look.link === openLink ? '' : linkSequence(look.link, state));
}

/** From any attributes to `look`, leaving underline and link as they are. */
export function sequencesBeside(look: Look): string {
  const sgr = [22, 23, 25, 27, 28, 29, 39, 49, 55, ...flagParams(look)].join(';');
  return `\x1b[${sgr}m\x1b[${look.bg & Bg.Protected ? 1 : 0}"q`;
}

function flagParams({ fg, bg }: Look): (number | string)[] {
  const params: (number | string)[] = [];
  if (fg & Fg.Bold) params.push(1);
  if (bg & Bg.Dim) params.push(2);
  if (bg & Bg.Italic) params.push(3);
  if (fg & Fg.Blink) params.push(5);
  if (fg & Fg.Inverse) params.push(7);
  if (fg & Fg.Invisible) params.push(8);
  if (fg & Fg.Strikethrough) params.push(9);
  if (bg & Bg.Overline) params.push(53);
  params.push(...colorParams(fg, 30, 90, 38), ...colorParams(bg, 40, 100, 48));
  return params;
}

/**
 * A restored cursor brings back whether there is an underline and a link, but not which: xterm.js then has a style,
 * colour or link that does not show, and comes to light when a cursor is restored again. This is it; null when all shows.
 */
export function hiddenOf({ fg, bg, extended }: RawAttributes, state: XtermState): Look | null {
  const underline = (extended._ext >>> 26) & 7;
  const isUnderlined = (fg & Fg.Underline) !== 0;
  const isExtended = (bg & Bg.Extended) !== 0;
  if (isUnderlined === (underline !== 0) && isExtended === (underline !== 0 || extended.urlId !== 0)) return null;
  const link = linkOf(extended.urlId, state) ? extended.urlId : 0;
  return { ...PLAIN, underline, underlineColor: color(extended.underlineColor), link };
}

/** Whether restoring a cursor saved with `saved` shows or hides underline and link as `raw` does. */
export function isShownLike(raw: RawAttributes, saved: { fg: number; bg: number }): boolean {
  return ((raw.fg ^ saved.fg) & Fg.Underline) === 0 && ((raw.bg ^ saved.bg) & Bg.Extended) === 0;
}

export function linkSequence(link: number, state: XtermState): string {
  const data = link === 0 ? undefined : linkOf(link, state);
  if (!data) return '\x1b]8;;\x1b\\';
  // A link without an id is one link only as long as it stays open. Given an id of ours, its pieces stay together.
  return `\x1b]8;id=${data.id ?? `holdfast-${link}`};${data.uri}\x1b\\`;
}

function linkOf(link: number, state: XtermState): { id?: string; uri: string } | undefined {
  const data = state._oscLinkService.getLinkData(link);
  return data && data.uri.length + (data.id?.length ?? 0) <= MAX_LINK_CHARS ? data : undefined;
}

function backgroundOf(bg: number): number {
  return ((bg & FLAGS & ~Bg.Extended) >>> 0) + color(bg);
}

function color(value: number): number {
  const mode = value & COLOR_MODE;
  if (mode === RGB) return value & 0x3ffffff;
  return mode === 0 ? 0 : mode | (value & 0xff);
}

function colorParams(value: number, base: number, bright: number, extended: number): (number | string)[] {
  const mode = value & COLOR_MODE;
  if (mode === PALETTE_16) return [(value & 0xff) < 8 ? base + (value & 7) : bright + (value & 7)];
  if (mode === PALETTE_256) return [`${extended};5;${value & 0xff}`];
  if (mode === RGB) return [`${extended};2;${(value >>> 16) & 255};${(value >>> 8) & 255};${value & 255}`];
  return [];
}

/** In the form with colons: the one with semicolons would be taken for other attributes by terminals that do not know 58. */
function underlineParam(value: number): string {
  if ((value & COLOR_MODE) === RGB) {
    return `58:2::${(value >>> 16) & 255}:${(value >>> 8) & 255}:${value & 255}`;
  }
  return `58:5:${value & 0xff}`;
}
