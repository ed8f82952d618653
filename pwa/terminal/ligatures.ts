/**
 * Ligatures: signs that belong together are handed to the font as one text, and the font draws what it has for them. Which it
 * has cannot be read in a browser; where it has none, the signs look as they do apart. xterm.js takes a text apart again while
 * the cursor stands in it, or a part of it is selected.
 */
import type { Terminal } from '@xterm/xterm';

/**
 * What fonts for programmers join: signs of which operators, arrows and comments are made, brackets with a bar, and www. Not what
 * is longer: lines across the screen.
 */
const JOINED = /[!#$%&*+\-./:;<=>?@\\^_|~]{2,}|\[\||\|\]|\{\||\|\}|www/g;
const MAX_SIGNS = 8;

/** @returns where each text begins, and the place behind its end */
export function ligatureRanges(text: string): [start: number, end: number][] {
  const ranges = [...text.matchAll(JOINED)].map(({ index, 0: signs }): [number, number] => [
    index,
    index + signs.length,
  ]);
  return ranges.filter(([start, end]) => end - start <= MAX_SIGNS);
}

/** @returns takes them away again */
export function joinLigatures(terminal: Terminal): () => void {
  const id = terminal.registerCharacterJoiner(ligatureRanges);
  terminal.element?.classList.add('with-ligatures');
  return () => {
    terminal.deregisterCharacterJoiner(id);
    terminal.element?.classList.remove('with-ligatures');
  };
}
