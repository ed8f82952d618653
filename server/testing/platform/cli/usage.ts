/** The usage text that follows a mistake on the command line, laid out as cobra does. */
import { GLOBAL_FLAGS, type Command, type Flag } from './command.ts';

export function usageOf({ path, use, flags = [] }: Command): string {
  const help: Flag = { name: 'help', short: 'h', type: 'bool', help: `help for ${path.split(' ').at(-1)}` };
  return [
    'Usage:',
    `  databricks ${[path, use, '[flags]'].filter(Boolean).join(' ')}`,
    '',
    'Flags:',
    ...listed([...flags, help]),
    '',
    'Global Flags:',
    ...listed(GLOBAL_FLAGS),
    '',
  ].join('\n');
}

/** Of a group of commands, such as `databricks apps`. */
export function groupUsage(group: string, commands: Command[]): string {
  const names = commands
    .filter(({ path }) => path.startsWith(`${group} `))
    .map(({ path }) => path.slice(group.length + 1));
  return [
    'Usage:',
    `  databricks ${group} [flags]`,
    `  databricks ${group} [command]`,
    '',
    'Available Commands:',
    ...names.sort().map((name) => `  ${name}`),
    '',
    'Global Flags:',
    ...listed(GLOBAL_FLAGS),
    '',
    `Use "databricks ${group} [command] --help" for more information about a command.`,
    '',
  ].join('\n');
}

function listed(flags: Flag[]): string[] {
  const shown = flags.filter(({ isHidden }) => !isHidden).sort((one, other) => one.name.localeCompare(other.name));
  const heads = shown.map(({ name, short, type }) => {
    const value = type === 'bool' ? '' : ` ${type === 'json' ? 'JSON' : type}`;
    return `  ${short ? `-${short}, ` : '    '}--${name}${value}`;
  });
  const width = Math.max(...heads.map(({ length }) => length));
  return shown.map(({ help }, index) => `${heads[index]!.padEnd(width + 3)}${help}`.trimEnd());
}
