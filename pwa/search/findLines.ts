/** Which lines of a session's kept text have what is looked for. Pure. */

export interface LineHit {
  sessionId: string;
  /** From 1, counted from the oldest line kept. */
  line: number;
  text: string;
  /** Where it stands in the line, and how long it is. */
  at: number;
  length: number;
  /** So many lines below read the same: to find this one again from the end, when more was printed. */
  sameBelow: number;
}

/** Of one session: who looks for a single letter wants to see that it is everywhere, not all of it. */
export const MAX_HITS_PER_SESSION = 50;

/** In any case, the newest first. */
export function findLines(sessionId: string, lines: readonly string[], needle: string): LineHit[] {
  if (needle === '') return [];
  const pattern = new RegExp(needle.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'iu');
  const below = new Map<string, number>();
  const hits: LineHit[] = [];
  for (let i = lines.length - 1; i >= 0 && hits.length < MAX_HITS_PER_SESSION; i--) {
    const text = lines[i]!;
    const found = pattern.exec(text);
    if (!found) continue;
    const sameBelow = below.get(text) ?? 0;
    below.set(text, sameBelow + 1);
    hits.push({ sessionId, line: i + 1, text, at: found.index, length: found[0].length, sameBelow });
  }
  return hits;
}
