/** Reads one colour as the programs write it: by hexadecimal digits with whatever before them, as X11 does, or as CSS does. */
import { clampRgb, converter, modeHsl, modeP3, modeRgb, parse, useMode as know } from 'culori/fn';
import type { Color } from 'culori/fn';

know(modeRgb);
know(modeHsl);
know(modeP3);
const toRgb = converter('rgb');

export interface FoundColor {
  /** `#rrggbb`, in small letters. */
  hex: string;
  /** From 0 to 1. */
  alpha: number;
}

const MAX_CHARS = 100;

export function readColor(text: unknown): FoundColor | null {
  if (typeof text !== 'string' || text.length > MAX_CHARS) return null;
  const written = text.trim().toLowerCase();
  const x11 = /^rgb:([0-9a-f]{1,4})\/([0-9a-f]{1,4})\/([0-9a-f]{1,4})$/.exec(written);
  if (x11) return fromX11(x11.slice(1));
  const long = /^#([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})$/.exec(written);
  if (long) return fromX11(long.slice(1));
  const bare = /^(?:0x)?([0-9a-f]{6}|[0-9a-f]{8})$/.exec(written);
  return fromCss(bare ? `#${bare[1]}` : written);
}

/** @param components each a share of the largest number of so many digits */
function fromX11(components: string[]): FoundColor {
  const bytes = components.map((digits) => Math.round((parseInt(digits, 16) / (16 ** digits.length - 1)) * 255));
  return { hex: hexOf(bytes), alpha: 1 };
}

function fromCss(text: string): FoundColor | null {
  const color = parse(text);
  return color ? found(color) : null;
}

/** @param components from 0 to 1; those outside, as wide colours have, are brought to the nearest that is inside */
export function colorOf(mode: 'rgb' | 'p3', components: readonly [number, number, number], alpha = 1): string | null {
  const [r, g, b] = components;
  const color = found({ mode, r, g, b, alpha });
  if (!color) return null;
  const opacity = Math.round(color.alpha * 255).toString(16);
  return `${color.hex}${opacity.padStart(2, '0')}`;
}

function found(color: Color): FoundColor | null {
  const { r, g, b, alpha = 1 } = clampRgb(toRgb(color));
  if (![r, g, b, alpha].every(Number.isFinite)) return null;
  return { hex: hexOf([r, g, b].map((share) => Math.round(share * 255))), alpha: Math.min(1, Math.max(0, alpha)) };
}

const hexOf = (bytes: number[]) => `#${bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
