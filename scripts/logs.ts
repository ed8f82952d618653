/** Streams and searches the logs of an instance: `scripts/logs --help`. */
import { createInterface } from 'node:readline';
import { AppError } from '../protocol/errors.ts';
import { HELP, parseLogsArguments, type LogsRequest } from './logReading/arguments.ts';
import { matches } from './logReading/filter.ts';
import { FollowedFolder } from './logReading/followFiles.ts';
import { coloured, formatLine, plain } from './logReading/format.ts';
import { parseLine, type LogLine } from './logReading/logLine.ts';
import { readSettings } from './supervisor/env.ts';
import { locateHome } from './supervisor/home.ts';
import { complain, say } from './supervisor/progress.ts';

const POLL_MS = 200;

async function main(args: string[]): Promise<void> {
  const request = parseLogsArguments(args, Date.now());
  if (!request) return say(HELP);
  const print = printer(request);
  if (request.isFromStdin) await readStdin(request, print);
  else readFolder(locateHome(readSettings().home).logs, request, print);
}

function printer({ isJson }: LogsRequest): (line: LogLine) => void {
  const paint = process.stdout.isTTY ? coloured : plain;
  return (line) => say(isJson ? line.raw : formatLine(line, paint));
}

/** Printed as it comes unless only the latest are asked for: a stream has no end to wait for. */
async function readStdin({ filter, lines }: LogsRequest, print: (line: LogLine) => void): Promise<void> {
  const kept: LogLine[] = [];
  let before: LogLine | undefined;
  for await (const raw of createInterface({ input: process.stdin })) {
    before = parseLine(raw, 'stdin', before);
    if (!matches(before, filter)) continue;
    if (lines === Infinity) print(before);
    else kept.push(before);
    if (kept.length > lines) kept.shift();
  }
  kept.forEach(print);
}

function readFolder(directory: string, { filter, lines, isFollowing }: LogsRequest, print: (line: LogLine) => void) {
  const earlier: LogLine[] = [];
  const lastOf = new Map<string, LogLine>();
  let take: (line: LogLine) => void = (line) => earlier.push(line);
  const folder = new FollowedFolder(directory, (raw, source) => {
    const line = parseLine(raw, source, lastOf.get(source));
    lastOf.set(source, line);
    if (matches(line, filter)) take(line);
  });
  folder.read();
  if (lastOf.size === 0 && !isFollowing) throw new AppError('config.invalid', `There are no logs in ${directory} yet.`);
  const inOrder = earlier.sort((a, b) => a.timeMs - b.timeMs); // stable: a stack stays below its error
  inOrder.slice(lines === Infinity ? 0 : -lines).forEach(print);
  if (!isFollowing) return folder.close();
  take = print;
  setInterval(() => folder.read(), POLL_MS);
}

// `scripts/logs | head` closes the pipe: that is the reader's good right.
process.stdout.on('error', () => process.exit(0));
main(process.argv.slice(2)).catch((error: unknown) => {
  complain(error instanceof AppError ? error.message : String((error as Error).stack));
  process.exit(1);
});
