/** Runs what can wait when the page has nothing to do. Safari cannot say when that is: there it waits a moment. */
const A_MOMENT_MS = 200;

export function whenIdle(run: () => void, timeoutMs?: number): void {
  if ('requestIdleCallback' in window) requestIdleCallback(run, timeoutMs ? { timeout: timeoutMs } : undefined);
  else setTimeout(run, A_MOMENT_MS);
}
