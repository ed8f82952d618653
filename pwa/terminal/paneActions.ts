/** What a person can do with one terminal, by key, menu or palette: the methods of its pane. Each does nothing where there is nothing to do. */
import { toast } from '../ui/toasts.ts';
import { CANNOT_COPY, copyText } from './clipboardConsent.ts';
import { riskOf } from './pasteGuard.ts';
import type { RiskyPaste } from './pasteGuard.ts';
import type { TerminalView } from './terminalView.ts';

export interface PaneActions {
  jumpToCommand(step: -1 | 1): void;
  /** Of the command jumped to, else of the last one. */
  copyLastOutput(): Promise<void>;
  copyCommand(): Promise<void>;
  /** Drops the lines above and on the screen; the program is told nothing. */
  clear(): void;
  selectAll(): void;
  scrollToTop(): void;
  scrollToBottom(): void;
  scrollPages(pages: number): void;
  /** By menu or palette; a key's paste is the browser's own. */
  paste(): Promise<void>;
  /** What the person has put into a field for it. */
  pasteGiven(text: string): void;
  /** Somebody would read what is pasted. */
  takesText(): boolean;
  /** Pastes one line of ours, in brackets where the program asks for them. @returns false where nobody would read it */
  pasteText(text: string): boolean;
}

const NO_MARKS = 'This shell does not mark its commands.';

export function paneActions(
  current: () => TerminalView | null,
  ask: { riskyPaste: (paste: RiskyPaste) => void; pasteByHand: () => void },
): PaneActions {
  const marked = () => {
    const features = current()?.features;
    return features ? { at: features.commands.current, marks: features.marks } : null;
  };

  async function copy(text: string | null | undefined, what: string) {
    if (text === null || text === undefined || text === '')
      return toast(`There is no ${what} to copy. ${hint()}`.trim());
    const isCopied = await copyText(text);
    toast(isCopied ? `Copied the ${what}.` : CANNOT_COPY, isCopied ? 'info' : 'bad');
  }

  const typable = () => {
    const view = current();
    return view && !view.terminal.options.disableStdin ? view : null;
  };

  function pasteInto({ terminal }: TerminalView, text: string) {
    const risk = riskOf(text, terminal.modes.bracketedPasteMode);
    if (risk) ask.riskyPaste(risk);
    else terminal.paste(text);
  }

  /** As the browser does with a picture: whoever takes files may find one. */
  function pasteNothing({ terminal }: TerminalView) {
    terminal.textarea?.dispatchEvent(new ClipboardEvent('paste', { bubbles: true, cancelable: true }));
  }

  const hint = () => (current()?.features.marks.commands.length ? '' : NO_MARKS);

  return {
    jumpToCommand(step) {
      const view = current();
      if (view && !view.features.commands.jump(step) && hint() !== '') toast(NO_MARKS);
    },
    copyLastOutput() {
      const found = marked();
      const text = found?.at?.output ? found.marks.outputOf(found.at) : found?.marks.lastOutput();
      return copy(text, 'output');
    },
    copyCommand() {
      const found = marked();
      return copy((found?.at ?? found?.marks.commands.findLast(({ output }) => output))?.text, 'command');
    },
    clear: () => current()?.features.clear(),
    selectAll: () => current()?.terminal.selectAll(),
    scrollToTop: () => current()?.terminal.scrollToTop(),
    scrollToBottom: () => current()?.terminal.scrollToBottom(),
    scrollPages: (pages) => current()?.terminal.scrollPages(pages),
    async paste() {
      const view = typable();
      if (!view) return;
      const text = await navigator.clipboard?.readText().catch(() => null);
      if (text === null || text === undefined) ask.pasteByHand();
      else if (text === '') pasteNothing(view);
      else pasteInto(view, text);
    },
    pasteGiven(text) {
      const view = typable();
      if (view) pasteInto(view, text);
    },
    takesText: () => typable() !== null,
    pasteText(text) {
      const view = typable();
      view?.terminal.paste(text);
      return view !== null;
    },
  };
}
