/** Calls of the `databricks` command line, which knows how to sign in; its answers as JSON, its refusals as errors. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '../../protocol/errors.ts';

/** The command said no; `message` is its own last word, without a stack or usage. */
export class CliError extends Error {
  constructor(
    readonly args: readonly string[],
    message: string,
  ) {
    super(message);
    this.name = 'CliError';
  }

  /** By the words of the CLI and of the API behind it, which has no code for the command line. */
  get isMissing(): boolean {
    return /does not exist|RESOURCE_DOES_NOT_EXIST|NOT_FOUND|not found/i.test(this.message);
  }

  get isTaken(): boolean {
    return /RESOURCE_ALREADY_EXISTS|already exists/i.test(this.message);
  }

  get isBusy(): boolean {
    return /active deployment in progress/i.test(this.message);
  }
}

export interface CallInput {
  /** Handed over in a file that only we can read, as `--json @file`: a body may hold a secret, and arguments are seen by everyone. */
  json?: unknown;
  /** Prints its progress whatever it is asked for; its exit code is the answer. */
  isProgressOnly?: boolean;
}

export interface Cli {
  /** Changes nothing. */
  read<Answer>(args: string[], input?: CallInput): Promise<Answer>;
  /** Changes something: in a dry run it is printed instead, and `planned` is the answer. */
  write<Answer>(args: string[], input: CallInput, planned: () => Answer): Promise<Answer>;
  readonly isDryRun: boolean;
}

export interface CliOptions {
  profile: string | undefined;
  isDryRun: boolean;
  /** Prints what would be called. */
  print: (line: string) => void;
  environment: Readonly<Record<string, string | undefined>>;
}

export function databricksCli({ profile, isDryRun, print, environment }: CliOptions): Cli {
  const common = ['-o', 'json', ...(profile ? ['--profile', profile] : [])];
  const call = async <Answer>(args: string[], { json, isProgressOnly }: CallInput = {}) => {
    const text = await withBody(json, (body) => run([...args, ...body, ...common], environment));
    return parse<Answer>(args, isProgressOnly ? '' : text);
  };
  return {
    isDryRun,
    read: call,
    async write(args, input, planned) {
      if (!isDryRun) return call(args, input);
      print(`would call: ${shown(args, input.json)}`);
      return planned();
    },
  };
}

/** One line that could be typed, with secrets hidden. */
export function shown(args: readonly string[], json?: unknown): string {
  const words = args.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`));
  const body = json === undefined ? [] : ['--json', `'${JSON.stringify(json, hideSecrets)}'`];
  return ['databricks', ...words, ...body].join(' ');
}

function hideSecrets(name: string, value: unknown): unknown {
  return name === 'string_value' ? '(hidden)' : value;
}

/** The CLI reads a body from a file; standard input, which Node makes a socket, cannot be opened as one. */
async function withBody<Result>(json: unknown, work: (args: string[]) => Promise<Result>): Promise<Result> {
  if (json === undefined) return work([]);
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-call-'));
  try {
    const file = join(folder, 'body.json');
    writeFileSync(file, JSON.stringify(json), { mode: 0o600 });
    return await work(['--json', `@${file}`]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(args: string[], environment: CliOptions['environment']): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('databricks', args, {
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    let complaint = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
    child.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'ENOENT'
          ? new AppError('config.invalid', 'the Databricks CLI is not installed: there is no program "databricks"')
          : error,
      ),
    );
    child.once('close', (code) => (code === 0 ? resolve(output) : reject(new CliError(args, lastWord(complaint)))));
  });
}

function parse<Answer>(args: string[], text: string): Answer {
  try {
    return (text.trim() === '' ? {} : JSON.parse(text)) as Answer;
  } catch (error) {
    throw new AppError('internal', `${shown(args)} did not answer with JSON`, { cause: error });
  }
}

/** `Error: …` is the reason; progress and usage stand around it. */
function lastWord(complaint: string): string {
  const lines = complaint.trim().split('\n');
  const error = lines.findLast((line) => line.startsWith('Error: '));
  return (error ?? lines.at(-1) ?? '').replace(/^Error: /, '') || 'it failed without a word';
}

/** The CLI prints lists bare; the API behind it wraps them in an object under `name`. */
export function listed<Item>(answer: Item[] | Record<string, Item[] | undefined>, name: string): Item[] {
  return Array.isArray(answer) ? answer : (answer[name] ?? []);
}
