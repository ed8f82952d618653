/** What `scripts/logs` is asked for. */
import { parseArgs } from 'node:util';
import { AppError } from '../../protocol/errors.ts';
import type { LogFilter } from './filter.ts';
import { levels, type Level } from './logLine.ts';

export const HELP = `scripts/logs [options] [-]

The logs of the instance on HOLDFAST_HOME (by default .holdfast/) in the order of time; with "-" those on standard input.
Both ways they are taken apart, searched and printed for people.

  --instance NAME   frontend, backend-1 (with its pty host), backend-1.host, postgres
  --level LEVEL     ${levels.join(', ')}: this one and what is worse
  --user TEXT       a part of the person's e-mail
  --session ID      lines that name the session; its first eight letters do
  --since WHEN      30s, 10m, 2h, 1d ago, or a time such as 2026-01-31T12:00:00Z
  --grep PATTERN    a regular expression on the whole line, capitals or not
  --lines COUNT     how many of the latest are printed; 200, or all with --since or "-"; 0 is all
  --follow, -f      goes on with what is written from now on
  --json            prints lines as they were written

  scripts/logs -f --level warn
  scripts/logs --instance backend-1 --since 10m --grep "pty host"
  databricks apps logs my-app | scripts/logs - --level error`;

export interface LogsRequest {
  filter: LogFilter;
  isFromStdin: boolean;
  isFollowing: boolean;
  isJson: boolean;
  /** Infinity: all. */
  lines: number;
}

const options = {
  instance: { type: 'string' },
  level: { type: 'string' },
  user: { type: 'string' },
  session: { type: 'string' },
  since: { type: 'string' },
  grep: { type: 'string' },
  lines: { type: 'string' },
  follow: { type: 'boolean', short: 'f' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Null when help is asked for. @throws AppError `input.invalid`, a sentence that names the option */
export function parseLogsArguments(args: string[], nowMs: number): LogsRequest | null {
  const { values, positionals } = parse(args);
  if (values.help) return null;
  const unknown = positionals.find((name) => name !== '-');
  if (unknown !== undefined) throw invalid(`${unknown} is not a source of logs: "-" reads standard input.`);
  const isFromStdin = positionals.length > 0;
  const { instance, user } = values;
  return {
    filter: {
      instance,
      user,
      level: levelOf(values.level),
      session: sessionOf(values.session),
      sinceMs: values.since === undefined ? undefined : sinceOf(values.since, nowMs),
      grep: patternOf(values.grep),
    },
    isFromStdin,
    isFollowing: values.follow ?? false,
    isJson: values.json ?? false,
    lines: linesOf(values.lines, isFromStdin || values.since !== undefined),
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw invalid(`${(error as Error).message.split('. ')[0]}. "scripts/logs --help" has the options.`);
  }
}

function levelOf(text: string | undefined): Level | undefined {
  if (text === undefined || levels.includes(text as Level)) return text as Level | undefined;
  throw invalid(`--level ${text} is none of ${levels.join(', ')}.`);
}

/** Shorter beginnings would also be found in other numbers of a line. */
function sessionOf(text: string | undefined): string | undefined {
  if (text === undefined || /^[0-9a-f-]{8,}$/.test(text)) return text;
  throw invalid(`--session ${text} is not the id of a session, nor its first eight letters.`);
}

const UNITS_MS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

export function sinceOf(text: string, nowMs: number): number {
  const ago = /^(\d+)([smhd])$/.exec(text);
  if (ago) return nowMs - Number(ago[1]) * UNITS_MS[ago[2]!]!;
  const timeMs = Date.parse(text);
  if (/^\d{4}-\d\d-\d\d/.test(text) && Number.isFinite(timeMs)) return timeMs;
  throw invalid(`--since ${text} is neither like 30s, 10m, 2h, 1d nor a time such as 2026-01-31T12:00:00Z.`);
}

function patternOf(text: string | undefined): RegExp | undefined {
  try {
    return text === undefined ? undefined : new RegExp(text, 'i');
  } catch (error) {
    throw invalid(`--grep is not a regular expression: ${(error as Error).message}.`);
  }
}

function linesOf(text: string | undefined, isAll: boolean): number {
  if (text === undefined) return isAll ? Infinity : 200;
  if (!/^\d+$/.test(text)) throw invalid(`--lines ${text} is not a whole number.`);
  return Number(text) || Infinity;
}

const invalid = (sentence: string) => new AppError('input.invalid', sentence);
