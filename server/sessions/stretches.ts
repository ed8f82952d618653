/** From the marks of a log: which part of the output came when, and for which size of the terminal. Pure. */
import { TIME_MARK_MS, type Mark } from '../ptyhost/logProtocol.ts';

export interface Stretch {
  from: number;
  to: number;
  /** ms since the epoch: its bytes came from then… */
  at: number;
  /** …until then. Which of them came when is not known. */
  until: number;
  /** The size changes before it. */
  size?: { cols: number; rows: number };
}

type Beginning = Omit<Stretch, 'to' | 'until'>;

/**
 * The first one has a size; those without a byte and without a size are left out. Times never go back, whatever the clock did.
 * @param fallback where the marks say nothing
 */
export async function* stretchesOf(
  marks: AsyncIterable<Mark> | Iterable<Mark>,
  { start, end }: { start: number; end: number },
  fallback: { at: number; cols: number; rows: number },
): AsyncGenerator<Stretch> {
  let now: Beginning = { from: start, at: fallback.at, size: { cols: fallback.cols, rows: fallback.rows } };
  let isKnown = false;
  for await (const { offset, at, cols, rows } of marks) {
    if (offset > end) break;
    const size = cols && rows ? { cols, rows } : undefined;
    if (offset < start || !isKnown) {
      now = { from: start, at: isKnown ? Math.max(now.at, at) : at, size: size ?? now.size! };
      isKnown = true;
      continue;
    }
    const stretch = ended(now, offset, Math.max(now.at, at));
    if (stretch) yield stretch;
    now = { from: offset, at: Math.max(now.at, at), ...(size ? { size } : {}) };
  }
  const last = ended(now, end, Infinity);
  if (last) yield last;
}

/** Output that comes later than TIME_MARK_MS after a mark gets a mark of its own. */
function ended(stretch: Beginning, to: number, next: number): Stretch | undefined {
  if (to === stretch.from && !stretch.size) return undefined;
  return { ...stretch, to, until: Math.min(next, stretch.at + TIME_MARK_MS) };
}
