/** Starting a window again, in which everything goes on where it was: what shows on its screens is kept first. */
const keepers = new Set<() => Promise<unknown>>();

/** A disk that is slow must not hold the person up: the servers have all of it, it only takes a moment longer to be seen. */
const KEEP_WITHIN_MS = 1_000;

/** @param keep called before the window is restarted; @returns how to stop */
export function keepForRestart(keep: () => Promise<unknown>): () => void {
  keepers.add(keep);
  return () => void keepers.delete(keep);
}

export async function restartWindow(): Promise<void> {
  const kept = Promise.allSettled([...keepers].map((keep) => keep()));
  await Promise.race([kept, new Promise((resolve) => setTimeout(resolve, KEEP_WITHIN_MS))]);
  location.reload();
}
