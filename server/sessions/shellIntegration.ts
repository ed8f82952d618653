/**
 * Shells that a person opens mark where prompts and commands are, without anybody setting it up: known ones are started so that
 * they read a script of ours first (`server/shells/`), which then reads all that they would have read.
 */
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

export interface Start {
  /** Without the program. */
  args: string[];
  env: Record<string, string>;
}

interface Shell {
  script: string;
  /** Where the shell looks for it, below a directory that it is told. */
  place: string;
  change(start: Start, directory: string): Start;
}

/** Where fish looks without XDG_DATA_DIRS. */
const STANDARD_DATA_DIRS = '/usr/local/share:/usr/share';
/** With any other argument a shell carries something out and ends. */
const INTERACTIVE = /^(-[il]+|--login)$/;

const SHELLS: Readonly<Record<string, Shell>> = {
  bash: {
    script: 'holdfast.bash',
    place: 'bash/holdfast.bash',
    change: ({ args, env }, directory) => ({
      args: ['--posix', ...args], // bash wants its long options before the others
      env: changed(env, 'ENV', join(directory, 'bash/holdfast.bash')),
    }),
  },
  zsh: {
    script: 'holdfast.zsh',
    place: 'zsh/.zshenv',
    change: ({ args, env }, directory) => ({ args, env: changed(env, 'ZDOTDIR', join(directory, 'zsh')) }),
  },
  fish: {
    script: 'holdfast.fish',
    place: 'fish/vendor_conf.d/holdfast.fish',
    change({ args, env }, directory) {
      const dirs = `${directory}:${env.XDG_DATA_DIRS ?? STANDARD_DATA_DIRS}`;
      return { args, env: changed(env, 'XDG_DATA_DIRS', dirs) };
    },
  },
};

/** What the variable was is for the script to put back. */
function changed(env: Start['env'], name: string, value: string): Start['env'] {
  const before = env[name] === undefined ? {} : { [`HOLDFAST_${name}`]: env[name] };
  return { ...env, ...before, [name]: value };
}

export class ShellIntegration {
  /**
   * @param source the scripts
   * @param directory where they are put for the shells; readable to whom sessions run as
   */
  constructor(
    source: string,
    private readonly directory: string,
  ) {
    for (const { script, place } of Object.values(SHELLS)) {
      mkdirSync(dirname(join(directory, place)), { recursive: true });
      copyFileSync(join(source, script), join(directory, place));
    }
  }

  /** How `program` is started. The same as given for what is no interactive shell, and where a person wants none of it. */
  apply(program: string, start: Start): Start {
    const shell = Object.hasOwn(SHELLS, basename(program)) ? SHELLS[basename(program)] : undefined;
    if (!shell || !start.args.every((arg) => INTERACTIVE.test(arg))) return start;
    if (start.env.HOLDFAST_SHELL_INTEGRATION === 'off') return start;
    // Without its script the shell would read nothing at all.
    return existsSync(join(this.directory, shell.place)) ? shell.change(start, this.directory) : start;
  }
}
