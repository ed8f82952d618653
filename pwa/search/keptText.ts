/** The text of a session's kept screen: drawn on a terminal that nobody sees, because what is kept are the sequences that draw it. */
import { Terminal } from '@xterm/xterm';
import { SAME_FOR_ALL } from '../../protocol/xtermState.ts';
import type { CachedScreen } from '../connection/offlineStore.ts';
import { textBetween } from '../../protocol/bufferText.ts';

/** Somewhat more than is kept. */
const SCROLLBACK = 2_000;

/** Lines from the oldest, wrapped ones joined; of a full-screen program also those it covers. The terminal parses in slices of its own. */
export async function keptLines({ cols, rows, content }: CachedScreen): Promise<string[]> {
  const terminal = new Terminal({ cols, rows, scrollback: SCROLLBACK, ...SAME_FOR_ALL, logLevel: 'off' });
  try {
    await new Promise<void>((resolve) => terminal.write(content, resolve));
    const { normal, alternate, active } = terminal.buffer;
    const textOf = (buffer: typeof normal) =>
      textBetween(buffer, { line: 0, x: 0 }, { line: buffer.length - 1, x: cols });
    return [normal, ...(active === alternate ? [alternate] : [])].flatMap((buffer) =>
      textOf(buffer)
        .split('\n')
        .map((line) => line.trimEnd()),
    );
  } finally {
    terminal.dispose();
  }
}
