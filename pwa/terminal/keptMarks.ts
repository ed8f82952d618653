/** What a shell has marked, as it is kept beside a picture of the screen, which has no marks. Lines are counted from the bottom. */
import type { ShellState } from './shellState.ts';

/** More than these are not gone back to after a reload. */
export const MAX_KEPT_COMMANDS = 200;
/** Told from what another release keeps in another form. */
const FORM = 1;

export interface KeptCommand {
  prompt: number;
  typed: { line: number; x: number } | null;
  text: string | null;
  output: number | null;
  /** ms since 1970; null when its beginning was not seen as it happened. */
  startedAt: number | null;
  end: { line: number; x: number } | null;
  exitCode: number | null;
  durationMs: number | null;
}

export interface KeptMarks {
  form: typeof FORM;
  state: ShellState;
  commands: KeptCommand[];
}

export function keptMarks(state: ShellState, commands: KeptCommand[]): KeptMarks {
  return { form: FORM, state, commands };
}

/** @returns null for what another release kept in another form, or kept nothing of */
export function parseMarks(kept: unknown): KeptMarks | null {
  return (kept as KeptMarks | undefined)?.form === FORM ? (kept as KeptMarks) : null;
}
