/** What every bench prints: the machine, figures in columns, and which bound was missed. */
import { cpus, totalmem } from 'node:os';

export function machine(): string {
  const gibibytes = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${gibibytes} GiB, Node ${process.version}, ${process.platform}`;
}

/** @param share 0.95 for the value that 95 % stay below */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}

export const ascending = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);
export const fixed = (value: number, digits: number): string => value.toFixed(digits).padStart(8);

export interface Bound {
  name: string;
  value: number;
  /** The most that it may be, or the least. */
  most?: number;
  least?: number;
  unit: string;
}

export function isKept({ value, most = Infinity, least = -Infinity }: Bound): boolean {
  return value <= most && value >= least;
}

/** One line each. @returns how many were missed */
export function printBounds(bounds: readonly Bound[]): number {
  console.log('\nbound                                                   measured      bound');
  for (const bound of bounds) {
    const { name, value, most, least, unit } = bound;
    const limit = most === undefined ? `≥ ${least}` : `≤ ${most}`;
    const figures = `${fixed(value, 1)} ${`${limit} ${unit}`.padStart(12)}`;
    console.log(`${name.padEnd(54)}${figures}  ${isKept(bound) ? 'kept' : 'MISSED'}`);
  }
  return bounds.filter((bound) => !isKept(bound)).length;
}
