/** What stands beside a command that has ended. */

/** The end of a time in words: `0.4 s`, `12 s`, `3 min 20 s`. */
export function durationText(ms: number): string {
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Success is said quietly, and with a time only when it took one. */
export function badgeText(exitCode: number | null, durationMs: number | null): string {
  const isLong = durationMs !== null && durationMs >= 1_000;
  const time = isLong ? durationText(durationMs) : '';
  if (exitCode === null) return time;
  return [exitCode === 0 ? '✓' : `✗ ${exitCode}`, time].filter(Boolean).join(' ');
}
