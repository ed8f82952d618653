/** What a shell says of itself by its marks. */
export interface ShellState {
  /** Null: not known. */
  cwd: string | null;
  /** Between the start of a command and its end. */
  isRunning: boolean;
  /** The shell waits for a command. */
  isAtPrompt: boolean;
  /** Its text; null when nothing runs, or the text is not known. */
  command: string | null;
  /** Of the last command that ended; null when not known. */
  exitCode: number | null;
}
