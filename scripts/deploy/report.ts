/** What the admin at the terminal reads: each step with its time as it ends, and at last one table. */
import { AppError } from '../../protocol/errors.ts';
import { CliError, shown } from './cli.ts';
import type { Interruption } from './interruption.ts';

export interface Report {
  /** Runs a step and says what came of it; a failing one is said to have failed, with its time, and throws on. */
  step<Result>(
    instance: string,
    name: string,
    work: () => Promise<Result>,
    tell?: (result: Result) => string,
  ): Promise<Result>;
  say(line: string): void;
}

/** In a dry run what is told is a plan, and says so. */
export function reportTo(print: (line: string) => void, isDryRun: boolean, interruption: Interruption): Report {
  const mood = isDryRun ? '(plan) ' : '';
  const line = (instance: string, text: string, startedAt: number) =>
    print(`  ${instance.padEnd(11)} ${text.padEnd(66)} ${seconds(startedAt).padStart(7)} s`);
  return {
    async step(instance, name, work, tell) {
      const startedAt = performance.now();
      interruption.heed();
      try {
        const result = await work();
        line(instance, mood + (tell?.(result) ?? name), startedAt);
        return result;
      } catch (error) {
        line(instance, `${name}: FAILED`, startedAt);
        throw error;
      }
    },
    say: print,
  };
}

function seconds(startedAt: number): string {
  return ((performance.now() - startedAt) / 1000).toFixed(1);
}

/** Columns as wide as their widest cell. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_cell, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** What is expected is said in a sentence; anything else is a mistake of ours and keeps its stack. */
export function sentence(error: unknown): string {
  if (error instanceof AppError) return `${error.message[0]!.toUpperCase()}${error.message.slice(1)}.`;
  if (error instanceof CliError) return `${shown(error.args)} failed: ${error.message}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
