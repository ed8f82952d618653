/** Shows what the shell marked: a badge beside each command that ended, and the way from one command to the next. */
import type { IDecoration, IMarker, Terminal } from '@xterm/xterm';
import type { MarkedCommand as AnyMarkedCommand } from '../../protocol/commandMarks.ts';
import { badgeText } from './commandText.ts';

type MarkedCommand = AnyMarkedCommand<IMarker>;

export class CommandView {
  #terminal: Terminal;
  #commands: () => readonly MarkedCommand[];
  /** Where the last jump went; null once the person has typed. */
  #at: IMarker | null = null;
  #shown: IDecoration | undefined;

  constructor(terminal: Terminal, commands: () => readonly MarkedCommand[]) {
    this.#terminal = terminal;
    this.#commands = commands;
    terminal.onData(() => this.#leave());
  }

  badge({ prompt, typed, exitCode, durationMs }: MarkedCommand): void {
    const text = badgeText(exitCode, durationMs);
    const marker = typed?.marker ?? prompt;
    if (text === '' || marker.isDisposed) return;
    const width = text.length + 1;
    const badge = this.#terminal.registerDecoration({ marker, anchor: 'right', width });
    badge?.onRender((element) => {
      // Beside the class that is there, by which it stands at its line.
      element.classList.add('command-badge');
      element.classList.toggle('command-badge--bad', Boolean(exitCode));
      element.textContent = text;
      element.style.right = '0';
      // Never over what is written there: a prompt on the right, a long command.
      element.style.visibility = this.#isFree(marker.line, width) ? 'visible' : 'hidden';
    });
  }

  /** @returns false when there is no command in that direction */
  jump(step: -1 | 1): boolean {
    const { active, normal } = this.#terminal.buffer;
    if (active.type !== 'normal') return false;
    const here = this.#at && !this.#at.isDisposed ? this.#at : this.#promptHere();
    const target = nextOf(
      this.#commands().map(({ prompt }) => prompt),
      here?.line ?? normal.baseY + normal.cursorY,
      step,
    );
    if (!target) return false;
    this.#leave();
    this.#at = target;
    this.#terminal.scrollToLine(Math.max(0, target.line));
    this.#shown = this.#terminal.registerDecoration({ marker: target, width: this.#terminal.cols, layer: 'top' });
    this.#shown?.onRender((element) => {
      element.classList.add('command-here');
      element.style.width = '100%'; // also when the terminal has become wider
    });
    return true;
  }

  /** Where something is typed, or nothing yet: a prompt may begin some lines above the cursor. */
  #promptHere(): IMarker | null {
    const last = this.#commands().at(-1);
    return last && !last.output ? last.prompt : null;
  }

  /** The command that was jumped to; null when there was none, or it is gone. */
  get current(): MarkedCommand | null {
    return this.#commands().find(({ prompt }) => prompt === this.#at) ?? null;
  }

  #leave(): void {
    this.#at = null;
    this.#shown?.dispose();
    this.#shown = undefined;
  }

  #isFree(line: number, width: number): boolean {
    const { cols } = this.#terminal;
    const row = this.#terminal.buffer.normal.getLine(line);
    return row !== undefined && row.translateToString(false, cols - width - 1, cols).trim() === '';
  }
}

export function nextOf<Mark extends { line: number }>(marks: readonly Mark[], from: number, step: -1 | 1): Mark | null {
  const beyond = (mark: Mark) => (step < 0 ? mark.line >= 0 && mark.line < from : mark.line > from);
  return (step < 0 ? marks.findLast(beyond) : marks.find(beyond)) ?? null;
}
