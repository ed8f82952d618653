/** One line of a log, taken apart: ours is JSON, PostgreSQL's and a crash's is text, and a platform may put words in front. */
export const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type Level = (typeof levels)[number];

export interface LogLine {
  /** As it was written. */
  raw: string;
  /** The process that wrote it: `frontend`, `backend-1`, `backend-1.host`, `postgres`. */
  instance: string;
  /** In ms since the epoch; a text that says none has that of the line before it. */
  timeMs: number;
  level: Level;
  message: string;
  /** Everything else that the line says, in its order. */
  fields: Record<string, unknown>;
}

/** What is shown in a place of its own, or is the same in all lines. */
const SHOWN = new Set(['level', 'time', 'msg', 'app_instance', 'pid', 'hostname']);

const POSTGRES = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?) (?:UTC|GMT) \[\d+\] (?:\S+ )*?([A-Z]+\d?): +(.*)$/;
/** What a platform says of an app itself, perhaps behind the app's name as `deploy-dual.sh --logs` puts it. */
const PLATFORM = /^(?:\s*(\S+) \| )?(\d{4}-\d\d-\d\dT[\d:.]+Z) \[SYSTEM\] (.*)$/;
const POSTGRES_LEVELS: Record<string, Level> = { WARNING: 'warn', ERROR: 'error', FATAL: 'fatal', PANIC: 'fatal' };

/**
 * @param source the file's name without its ending, for lines that do not name their instance
 * @param before the line before it from the same source: a stack belongs to the error above it
 */
export function parseLine(raw: string, source: string, before?: LogLine): LogLine {
  return (
    parseJson(raw, source, before) ??
    parsePostgres(raw, source) ??
    parsePlatform(raw, source) ??
    continuation(raw, source, before)
  );
}

function parseJson(raw: string, source: string, before?: LogLine): LogLine | undefined {
  const start = raw.indexOf('{');
  if (start < 0) return undefined;
  let record: Record<string, unknown>;
  try {
    record = JSON.parse(raw.slice(start)) as Record<string, unknown>;
  } catch {
    return undefined;
  }
  const { level, time, msg, app_instance: instance } = record;
  if (!isLevel(level)) return undefined;
  return {
    raw,
    instance: typeof instance === 'string' ? instance : source,
    timeMs: timeOf(time) ?? before?.timeMs ?? 0,
    level,
    message: typeof msg === 'string' ? msg : '',
    fields: Object.fromEntries(Object.entries(record).filter(([name]) => !SHOWN.has(name))),
  };
}

function parsePostgres(raw: string, source: string): LogLine | undefined {
  const match = POSTGRES.exec(raw);
  if (!match) return undefined;
  const [, day, time, word, message] = match as unknown as [string, string, string, string, string];
  const level = POSTGRES_LEVELS[word] ?? 'info';
  return { raw, instance: source, timeMs: Date.parse(`${day}T${time}Z`), level, message, fields: {} };
}

function parsePlatform(raw: string, source: string): LogLine | undefined {
  const match = PLATFORM.exec(raw);
  if (!match) return undefined;
  const [, instance = source, time, message] = match as unknown as [string, string | undefined, string, string];
  return { raw, instance, timeMs: Date.parse(time), level: 'info', message, fields: {} };
}

function continuation(raw: string, source: string, before?: LogLine): LogLine {
  const { instance = source, timeMs = 0, level = 'info' as const } = before ?? {};
  return { raw, instance, timeMs, level, message: raw, fields: {} };
}

const isLevel = (value: unknown): value is Level => levels.includes(value as Level);

function timeOf(value: unknown): number | undefined {
  const timeMs = typeof value === 'number' ? value : Date.parse(String(value));
  return Number.isFinite(timeMs) ? timeMs : undefined;
}
