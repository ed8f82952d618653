/** A line of a log as a person reads it: time, instance, level, what happened, with what. */
import type { Level, LogLine } from './logLine.ts';

const INSTANCE_WIDTH = 14;
/** SGR numbers. Red and yellow are left to levels. */
const INSTANCE_COLOURS = [36, 32, 35, 34, 96, 92, 95, 94];
const LEVEL_COLOURS: Partial<Record<Level, number>> = { trace: 2, debug: 2, warn: 33, error: 31, fatal: 31 };

export type Paint = (text: string, colour: number | undefined) => string;
export const plain: Paint = (text) => text;
export const coloured: Paint = (text, colour) => (colour === undefined ? text : `\x1b[${colour}m${text}\x1b[0m`);

export function formatLine(line: LogLine, paint: Paint): string {
  const instance = paint(line.instance.padEnd(INSTANCE_WIDTH), colourOf(line.instance));
  const level = paint(line.level.toUpperCase().padEnd(5), LEVEL_COLOURS[line.level]);
  const { err, ...fields } = line.fields;
  const words = Object.entries(fields).map(([name, value]) => paint(`${name}=${valueOf(value)}`, 2));
  const first = [clock(line.timeMs), instance, level, visible(line.message), ...words].join(' ');
  return [first, ...stackOf(err)].join('\n');
}

/** The same one for a backend and its pty host, and in every run. */
function colourOf(instance: string): number {
  const owner = instance.replace(/\..*$/, '');
  const sum = [...owner].reduce((total, letter) => total + letter.charCodeAt(0), 0);
  return INSTANCE_COLOURS[sum % INSTANCE_COLOURS.length]!;
}

/** By the reader's own clock, as everything else on their screen. */
function clock(timeMs: number): string {
  if (timeMs === 0) return '            ';
  const time = new Date(timeMs);
  const two = (value: number) => String(value).padStart(2, '0');
  const ms = String(time.getMilliseconds()).padStart(3, '0');
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${ms}`;
}

function valueOf(value: unknown): string {
  return visible(typeof value === 'string' ? value : JSON.stringify(value));
}

function stackOf(err: unknown): string[] {
  if (err === undefined) return [];
  const { stack, message } = (err ?? {}) as { stack?: unknown; message?: unknown };
  const text = typeof stack === 'string' ? stack : typeof message === 'string' ? message : JSON.stringify(err);
  return text.split('\n').map((line) => `    ${visible(line)}`);
}

/** What clients sent may stand in a log; it must not command the reader's terminal. */
function visible(text: string): string {
  return text.replace(
    /[\x00-\x08\x0a-\x1f\x7f-\x9f]/g,
    (letter) => `\\x${letter.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}
