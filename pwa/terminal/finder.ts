/** Search in what a terminal shows and holds above: the terminal's side of the find bar. Works on what is drawn, so it needs no connection. */
import { SearchAddon, type ISearchOptions } from '@xterm/addon-search';
import type { Terminal } from '@xterm/xterm';
import { withFadingHits } from './fadingHits.ts';
import { findColorsOf, type TerminalLook } from './terminalLook.ts';
import { uncoverHit, type Box } from './uncoverHit.ts';

export interface FindOptions {
  text: string;
  regex: boolean;
  caseSensitive: boolean;
  wholeWord: boolean;
}

export interface Found {
  /** Which of them is selected, from 1; 0 when none is, or when there are too many to number. */
  at: number;
  count: number;
  /** There are at least so many: counting ended. */
  isMore: boolean;
  /** The text is no regular expression. */
  isInvalid: boolean;
}

export const NOTHING_FOUND: Found = { at: 0, count: 0, isMore: false, isInvalid: false };
/** More are not counted, because each one highlighted costs an element. */
export const MAX_FOUND = 1_000;

export class Finder {
  #terminal: Terminal;
  #look: TerminalLook;
  #addon = new SearchAddon({ highlightLimit: MAX_FOUND });
  #last: FindOptions | null = null;
  #onFound: (found: Found) => void = () => {};
  /** What covers a part of the terminal while it is searched; null where nothing does. */
  #bar: () => Box | null = () => null;

  constructor(terminal: Terminal, look: TerminalLook) {
    this.#terminal = terminal;
    this.#look = look;
    terminal.loadAddon({
      activate: () => this.#addon.activate(withFadingHits(terminal)),
      dispose: () => this.#addon.dispose(),
    });
    this.#addon.onDidChangeResults(({ resultIndex, resultCount }) => this.#onFound(foundOf(resultIndex, resultCount)));
  }

  open(onFound: (found: Found) => void, bar: () => Box | null): void {
    this.#onFound = onFound;
    this.#bar = bar;
  }

  /** @param step 1 goes down, -1 up; 0 is for text that is being typed, and finds the newest */
  find(options: FindOptions, step: -1 | 0 | 1): void {
    this.#last = options;
    if (options.text === '') return this.#nothing(NOTHING_FOUND);
    if (options.regex && !isRegex(options.text)) return this.#nothing({ ...NOTHING_FOUND, isInvalid: true });
    if (step === 0) {
      this.#terminal.clearSelection(); // or it would go on above what is selected
      this.#addon.clearDecorations(); // or the add-on would not see that only the options are others
    }
    const search = this.#options(options);
    if (step === 1) this.#addon.findNext(options.text, search);
    else this.#addon.findPrevious(options.text, search);
    uncoverHit(this.#terminal, this.#bar());
  }

  close(): void {
    this.#onFound = () => {};
    this.#bar = () => null;
    this.#last = null;
    this.#addon.clearDecorations();
  }

  setLook(look: TerminalLook): void {
    this.#look = look;
    if (this.#last) this.find(this.#last, 0);
  }

  #nothing(found: Found): void {
    this.#addon.clearDecorations();
    this.#terminal.clearSelection();
    this.#onFound(found);
  }

  #options({ regex, caseSensitive, wholeWord }: FindOptions): ISearchOptions {
    return { regex, caseSensitive, wholeWord, decorations: findColorsOf(this.#look) };
  }
}

/** The add-on says -1 both for "none" and for "too many to tell which". */
export function foundOf(index: number, count: number): Found {
  return { at: index + 1, count, isMore: count >= MAX_FOUND, isInvalid: false };
}

export function isRegex(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}

export function foundText({ at, count, isMore, isInvalid }: Found, text: string): string {
  if (text === '') return '';
  if (isInvalid) return 'Not a regular expression';
  if (count === 0) return 'Nothing found';
  const all = isMore ? `${MAX_FOUND}+` : String(count);
  return at > 0 ? `${at} of ${all}` : `${all} found`;
}
