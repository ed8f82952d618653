/**
 * A stand-in for the `databricks` CLI: the commands that a deploy uses, with the flags and the refusals of the real one
 * (github.com/databricks/cli, v1.13). What it does not know it refuses as cobra does.
 */
import { appsCommands } from './cli/appsCommands.ts';
import { checkWords, parseArgs } from './cli/args.ts';
import { CliError, type Command } from './cli/command.ts';
import { Connection } from './cli/connection.ts';
import { otherCommands, VERSION } from './cli/otherCommands.ts';
import { rendered } from './cli/render.ts';
import { secretsCommands } from './cli/secretsCommands.ts';
import { groupUsage, usageOf } from './cli/usage.ts';
import { workspaceCommands } from './cli/workspaceCommands.ts';
import { PlatformStore } from './store.ts';

function commandsOf(connection: Connection): Command[] {
  return [
    ...appsCommands(connection),
    ...workspaceCommands(connection),
    ...secretsCommands(connection),
    ...otherCommands(connection),
  ];
}

/** Global flags may stand before the command's name too; those with a value take it along. */
function splitPath(argv: string[], commands: Command[]): { command: Command; rest: string[] } | { help: string } {
  const before: string[] = [];
  let at = 0;
  while (argv[at]?.startsWith('-')) {
    const takesValue = /^(-o|-p|-t|--output|--profile|--target|--log-file|--log-format|--log-level)$/.test(argv[at]!);
    before.push(...argv.slice(at, at + (takesValue ? 2 : 1)));
    at += takesValue ? 2 : 1;
  }
  const [group, ...words] = argv.slice(at);
  if (group === undefined) return { help: 'Databricks CLI\n' };
  const alone = commands.find(({ path }) => path === group);
  if (alone) return { command: alone, rest: [...before, ...words] };
  if (!commands.some(({ path }) => path.startsWith(`${group} `))) {
    throw new CliError(`unknown command "${group}" for "databricks"`);
  }
  const name = words[0];
  const usage = groupUsage(group, commands);
  if (name === undefined || name === '--help' || name === '-h') return { help: usage };
  const command = commands.find(({ path }) => path === `${group} ${name}`);
  if (command) return { command, rest: [...before, ...words.slice(1)] };
  if (name.startsWith('-')) throw new CliError(`unknown flag: ${name.split('=')[0]}\n\n${usage}`);
  throw new CliError(`unknown command "${name}" for "databricks ${group}"\n\n${usage}`);
}

async function output(store: PlatformStore, argv: string[], env: NodeJS.ProcessEnv): Promise<string> {
  if (argv[0] === '--version' || argv[0] === '-v') return `Databricks CLI v${VERSION}\n`;
  const found = splitPath(argv, commandsOf(new Connection(store, env, {})));
  if ('help' in found) return found.help;
  const { words, flags } = parseArgs(found.command, found.rest);
  if (flags['help']) return usageOf(found.command);
  checkWords(found.command, words, flags);
  const command = commandsOf(new Connection(store, env, flags)).find(({ path }) => path === found.command.path)!;
  const format = flags['output'] ?? env['DATABRICKS_OUTPUT_FORMAT'];
  return rendered(await command.run(words, flags), format === 'json');
}

/** Runs one command line; its exit code. */
export async function main(folder: string, argv: string[], env: NodeJS.ProcessEnv): Promise<number> {
  const store = PlatformStore.open(folder);
  const what = argv.join(' ');
  const finish = (code: number, stdout: string, stderr: string) => {
    process.stdout.write(stdout);
    process.stderr.write(stderr);
    store.journal({ by: 'cli', what, argv, status: code });
    return code;
  };
  const fault = store.takeFaults(what).find(({ exit }) => exit);
  if (fault?.delayMs) await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
  const lost = fault?.exit;
  if (lost && fault.when !== 'after') return finish(lost.code, '', lost.stderr);
  try {
    const text = await output(store, argv, env);
    return lost ? finish(lost.code, '', lost.stderr) : finish(0, text, '');
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return finish(1, '', `Error: ${error.message}\n`);
  }
}
