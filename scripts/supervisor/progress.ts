/** What the person at the terminal reads: one line a step, with its time. */

export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

export function complain(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Runs a step and says what it did; the step may return a better description than its name. */
export async function step(name: string, work: () => Promise<string | void>): Promise<void> {
  const startedAt = performance.now();
  const detail = await work();
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(2);
  say(`  ${name.padEnd(12)} ${(detail ?? 'ready').padEnd(52)} ${seconds.padStart(6)} s`);
}
