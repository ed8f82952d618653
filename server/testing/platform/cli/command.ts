/** What a command of the stand-in CLI is made of: its name, its flags, its words, and what it does. */

export interface Flag {
  name: string;
  short?: string;
  type: 'bool' | 'string' | 'strings' | 'int' | 'duration' | 'json';
  values?: string[];
  help: string;
  /** Not in the help. */
  isHidden?: boolean;
}

export type Values = Record<string, string | true>;

export interface Command {
  /** `apps get` */
  path: string;
  /** What follows the path in the usage line. */
  use: string;
  flags?: Flag[];
  /** How many words; or what is wrong with them. */
  args: number | ((words: string[], flags: Values) => string | null);
  run: (words: string[], flags: Values) => Promise<unknown>;
}

/** Ends the command with this text behind `Error: `. */
export class CliError extends Error {}

export const JSON_FLAG: Flag = {
  name: 'json',
  type: 'json',
  help: 'either inline JSON string or @path/to/file.json with request body',
};

export const GLOBAL_FLAGS: Flag[] = [
  { name: 'debug', type: 'bool', help: 'enable debug logging' },
  {
    name: 'output',
    short: 'o',
    type: 'string',
    values: ['json', 'text'],
    help: 'output type: text or json (default text)',
  },
  { name: 'profile', short: 'p', type: 'string', help: '~/.databrickscfg profile' },
  { name: 'target', short: 't', type: 'string', help: 'bundle target to use (if applicable)' },
  { name: 'log-file', type: 'string', help: 'file to write logs to', isHidden: true },
  { name: 'log-format', type: 'string', help: 'log output format (text or json)', isHidden: true },
  { name: 'log-level', type: 'string', help: 'log level', isHidden: true },
];
