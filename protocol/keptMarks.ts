/**
 * What a shell has marked, as a sequence in a picture of the screen, whose own sequences say nothing of it. It is a property of
 * VS Code's OSC 633, so that other terminals leave it alone. Lines are counted from the bottom.
 */
import type { ShellState } from './shellState.ts';

const PROPERTY = 'P;HoldfastMarks=';
/** So much of a picture may be about marks; the oldest commands are left out. */
const MAX_CHARS = 32 * 1024;
const MAX_TEXT_CHARS = 4_096;

type KeptPlace = [line: number, x: number];

export type KeptCommand = [
  prompt: number,
  typed: KeptPlace | null,
  output: number | null,
  end: KeptPlace | null,
  text: string | null,
  /** In ms, since its output began; null when that was not seen as it happened. */
  startedAgo: number | null,
  exitCode: number | null,
  durationMs: number | null,
];

export interface KeptMarks {
  /** In ms since 1970, by the clock of who reads it; null for now: clocks of others differ. */
  keptAt: number | null;
  state: ShellState;
  commands: KeptCommand[];
}

export function marksSequence({ keptAt, state, commands }: KeptMarks): string {
  const { cwd, isRunning, isAtPrompt, command, exitCode } = state;
  const parts: string[] = [];
  let chars = 0;
  for (const part of commands.toReversed().map((one) => encoded(one))) {
    chars += part.length + 1;
    if (chars > MAX_CHARS) break;
    parts.unshift(part);
  }
  const head = encoded([keptAt, [cwd, isRunning, isAtPrompt, command, exitCode]]).slice(0, -1);
  return `\x1b]633;${PROPERTY}${head},[${parts.join(',')}]]\x1b\\`;
}

/** @param data of an OSC 633; @returns null for anything else, and for what another release says in another form */
export function parseMarks(data: string): KeptMarks | null {
  if (!data.startsWith(PROPERTY)) return null;
  const kept = decoded(data.slice(PROPERTY.length));
  if (!isKept(kept)) return null;
  const [keptAt, [cwd, isRunning, isAtPrompt, command, exitCode], commands] = kept;
  return { keptAt, state: { cwd, isRunning, isAtPrompt, command, exitCode }, commands };
}

// By hand: this is in the first code that a terminal needs, and a library for shapes would be a fifth of it.
type Check<T> = (value: unknown) => value is T;
const isNumber: Check<number> = (value) => typeof value === 'number';
const isPosition: Check<number> = (value): value is number => Number.isInteger(value) && (value as number) >= 0;
const isFlag: Check<boolean> = (value) => typeof value === 'boolean';
const isText: Check<string> = (value): value is string => typeof value === 'string' && value.length <= MAX_TEXT_CHARS;
const or =
  <T>(check: Check<T>): Check<T | null> =>
  (value): value is T | null =>
    value === null || check(value);
const isTuple =
  <T extends unknown[]>(...checks: { [I in keyof T]: Check<T[I]> }): Check<T> =>
  (value): value is T =>
    Array.isArray(value) && value.length === checks.length && checks.every((check, i) => check(value[i]));

const isPlace = isTuple<KeptPlace>(isPosition, isPosition);
const isCommand = isTuple<KeptCommand>(
  ...([isPosition, or(isPlace), or(isPosition), or(isPlace)] as const),
  ...([or(isText), or(isNumber), or(isNumber), or(isNumber)] as const),
);
type KeptState = [
  cwd: string | null,
  isRunning: boolean,
  isAtPrompt: boolean,
  command: string | null,
  exitCode: number | null,
];
const isState = isTuple<KeptState>(or(isText), isFlag, isFlag, or(isText), or(isNumber));
const isKept = isTuple<[number | null, KeptState, KeptCommand[]]>(
  or(isNumber),
  isState,
  (value): value is KeptCommand[] => Array.isArray(value) && value.every(isCommand),
);

/** Without what would end the sequence, or separate its parts. */
function encoded(value: unknown): string {
  return JSON.stringify(value).replace(
    /[^ -:<-~]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function decoded(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
}
