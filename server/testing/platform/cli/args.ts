/**
 * Command lines as the `databricks` CLI takes them: flags anywhere, exact names, and cobra's own words for what is wrong
 * (github.com/spf13/pflag `flag.go` and `errors.go`; github.com/databricks/cli `cmd/root/root.go`: SilenceErrors, `Error: …`).
 */
import { CliError, GLOBAL_FLAGS, type Command, type Flag, type Values } from './command.ts';
import { usageOf } from './usage.ts';

const HELP: Flag = { name: 'help', short: 'h', type: 'bool', help: 'help' };

/** Splits words and flags of one command. @throws CliError with the usage behind it */
export function parseArgs(command: Command, argv: string[]): { words: string[]; flags: Values } {
  const known = [...(command.flags ?? []), ...GLOBAL_FLAGS, HELP];
  const words: string[] = [];
  const flags: Values = {};
  const refuse = (message: string) => new CliError(`${message}\n\n${usageOf(command)}`);
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index]!;
    if (word === '--') {
      words.push(...argv.slice(index + 1));
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      words.push(word);
      continue;
    }
    const { flag, inline, shown } = findFlag(known, word, refuse);
    if (flag.type === 'bool') {
      if (inline !== 'false') flags[flag.name] = true;
      continue;
    }
    const value = inline ?? argv[++index];
    if (value === undefined) throw refuse(`flag needs an argument: ${shown}`);
    checkValue(flag, value, refuse);
    const before = flags[flag.name];
    flags[flag.name] = flag.type === 'strings' && before !== undefined ? `${String(before)},${value}` : value;
  }
  return { words, flags };
}

type Refuse = (message: string) => CliError;

function findFlag(known: Flag[], word: string, refuse: Refuse): { flag: Flag; inline?: string; shown: string } {
  if (word.startsWith('--')) {
    const [name = '', ...rest] = word.slice(2).split('=');
    const flag = known.find((one) => one.name === name);
    if (!flag) throw refuse(`unknown flag: --${name}`);
    return { flag, inline: rest.length > 0 ? rest.join('=') : undefined, shown: `--${name}` };
  }
  const letter = word[1]!;
  const flag = known.find((one) => one.short === letter);
  if (!flag) throw refuse(`unknown shorthand flag: '${letter}' in ${word}`);
  const rest = word.slice(2).replace(/^=/, '');
  return { flag, inline: rest === '' ? undefined : rest, shown: `'${letter}' in ${word}` };
}

function checkValue(flag: Flag, value: string, refuse: Refuse): void {
  const name = flag.short ? `-${flag.short}, --${flag.name}` : `--${flag.name}`;
  const fail = (why: string) => refuse(`invalid argument "${value}" for "${name}" flag: ${why}`);
  if (flag.name === 'output' && !flag.values!.includes(value)) throw fail('accepted arguments are json, text');
  if (flag.values && !flag.values.includes(value)) {
    throw fail(`value "${value}" is not one of ${flag.values.map((one) => `"${one}"`).join(', ')}`);
  }
  if (flag.type === 'int' && !/^-?\d+$/.test(value)) throw fail(`strconv.ParseInt: parsing "${value}": invalid syntax`);
  if (flag.type === 'duration' && durationMs(value) === null) {
    const why = /^\d+$/.test(value) ? 'missing unit in duration' : 'invalid duration';
    throw fail(`time: ${why} "${value}"`);
  }
}

/** Go's durations: `20m`, `1h30m`, `500ms`; null for anything else. */
export function durationMs(value: string): number | null {
  if (value === '0') return 0;
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(value)) return null;
  const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
  return [...value.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)].reduce(
    (sum, [, n, unit]) => sum + Number(n) * units[unit!]!,
    0,
  );
}

/** `root.ExactArgs` of `cmd/root/args.go`. */
export function checkWords(command: Command, words: string[], flags: Values): void {
  if (typeof command.args === 'number') {
    if (words.length === command.args) return;
    throw new CliError(`accepts ${command.args} arg(s), received ${words.length}\n\n${usageOf(command)}`);
  }
  const problem = command.args(words, flags);
  if (problem) throw new CliError(problem);
}

/** Where `--json` takes the place of words (`cmd.Args` of the generated commands). */
export function wordsOrJson(count: number, withJson: number, message: string) {
  return (words: string[], flags: Values): string | null => {
    if (flags['json'] !== undefined)
      return words.length === withJson ? null : `when --json flag is specified, ${message}`;
    return words.length === count ? null : `accepts ${count} arg(s), received ${words.length}`;
  };
}
