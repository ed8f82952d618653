/** Whose size a pty has, as pure decisions: of the clients that a person can see, the one used last; the others adapt. */
import { SHARED_MIN_COLS, SHARED_MIN_ROWS } from '../../protocol/limits.ts';

export interface Size {
  cols: number;
  rows: number;
}

/** What one attachment has to say about the size. */
export interface Claim {
  attachmentId: string;
  /** null for a program that never resized: it has no wish. */
  size: Size | null;
  isVisible: boolean;
  /** Who only watches takes what there is. */
  isReadOnly: boolean;
  /** When its person last used it; ms since the epoch. */
  usedAt: number;
  /**
   * Not before then; ms since the epoch. A client that came back by itself and did not decide before waits, so that the one
   * that did can come back, too: after a restart of the backend the order in which they return must not resize anything.
   */
  countsFrom: number;
}

/** The client that decides: null when there is none, and then the size stays as it is. */
export function controllerOf(claims: Iterable<Claim>, now: number): Claim | null {
  let controller: Claim | null = null;
  for (const claim of claims) {
    if (!claim.size || !claim.isVisible || claim.isReadOnly || claim.countsFrom > now) continue;
    if (!controller || claim.usedAt >= controller.usedAt) controller = claim;
  }
  return controller;
}

/**
 * The size that the pty should have. Alone, a client gets exactly what it asks for; where others are attached that could ask,
 * no less than the floor, because what one tiny window makes of a program would be of no use to them.
 */
export function sizeFor(claims: readonly Claim[], now: number): Size | null {
  const controller = controllerOf(claims, now);
  if (!controller?.size) return null;
  const { cols, rows } = controller.size;
  const isAlone = claims.every((claim) => claim === controller || claim.isReadOnly || claim.size === null);
  return isAlone ? { cols, rows } : { cols: Math.max(cols, SHARED_MIN_COLS), rows: Math.max(rows, SHARED_MIN_ROWS) };
}
