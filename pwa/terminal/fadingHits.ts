/** Takes the colours of what was found off the screen again, which xterm forgets for some of its decorations. */
import type { IDecorationOptions, Terminal } from '@xterm/xterm';

/**
 * The terminal, for the search add-on: its decorations colour no cell any more once they are disposed of.
 *
 * xterm (6.1.0-beta.337) keeps decorations sorted by their markers' lines and takes them out later, in one go. By then a
 * disposed marker's line is -1, in the middle of what is sorted: the binary search for the next one fails, and that one
 * goes on colouring its cells for good, whatever is printed there. The current hit, which goes before those above it, is
 * enough, and so is an erased line with any decoration on it; no order on our side avoids both. What is to be coloured is
 * read anew from the options with each drawing, though, and these are ours. The rest of it stays until the terminal goes.
 */
export function withFadingHits(terminal: Terminal): Terminal {
  const registerDecoration = (options: IDecorationOptions) => {
    const own = { ...options };
    const hit = terminal.registerDecoration(own);
    hit?.onDispose(() => {
      own.width = 0;
      terminal.refresh(0, terminal.rows - 1); // xterm asks for it only where it has not failed
    });
    return hit;
  };
  return Object.create(terminal, { registerDecoration: { value: registerDecoration } }) as Terminal;
}
