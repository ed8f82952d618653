/** What runs in a session, as it says itself: its title, how far it is, in which directory and with which command. Pure. */
import type { Session } from '../../protocol/sessions.ts';
import type { ShellState } from '../../protocol/shellState.ts';
import type { Progress } from '../terminal/progress.ts';

export interface ProgramReport {
  /** What the program calls itself. */
  title: string;
  /** How far it says that it is; null when it says nothing. */
  progress: Progress | null;
  /** null until a shell has marked something. */
  shell: ShellState | null;
}

export const NO_REPORT: ProgramReport = { title: '', progress: null, shell: null };

/** The command that runs, or the directory where the shell has gone to; empty when it stands where it began, or says nothing. */
export function doingOf({ shell }: ProgramReport, session: Pick<Session, 'cwd'> | null): string {
  if (shell?.command) return shell.command;
  if (!shell?.cwd || shell.cwd === session?.cwd) return '';
  return shell.cwd.slice(shell.cwd.lastIndexOf('/') + 1) || '/';
}

/** A line each: what it calls itself, where it is, what it does. */
export function detailsOf({ title, progress, shell }: ProgramReport): string {
  const command = shell?.command ? `$ ${shell.command}` : '';
  return [title, shell?.cwd, command, progressText(progress)].filter(Boolean).join('\n');
}

export function progressText(progress: Progress | null): string {
  if (!progress) return '';
  const words = { normal: '', error: 'failed', paused: 'paused', indeterminate: 'at work' }[progress.state];
  const percent = progress.percent === null ? '' : `${progress.percent} %`;
  return [percent, words].filter(Boolean).join(', ');
}
