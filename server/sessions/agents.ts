/** Programs that keep a conversation of their own, and how one is begun under an id of ours and taken up again. */
import { basename, join } from 'node:path';

export interface Agent {
  name: string;
  /** argv that begins a conversation under `id`. */
  start(command: readonly string[], id: string): string[];
  /** argv that takes it up again. */
  resume(command: readonly string[], id: string): string[];
  /** Where its state lies: a file of this name in one of the folders of `directory`. */
  state(env: Readonly<Record<string, string>>, id: string): { directory: string; file: string };
}

/** Whoever gives one of these decides for themselves which conversation it is, or wants none. */
const CLAUDE_OWN =
  /^(--(resume|continue|session-id|fork-session|print|from-pr|teleport|help|version|no-session-persistence)(=|$)|-[a-z]*[rcphv])/;

const claude: Agent = {
  name: 'Claude Code',
  start: ([program, ...options], id) => [program!, '--session-id', id, ...options],
  // By its id and never --continue, which takes the latest of the directory: two sessions there would become one.
  resume: ([program, ...options], id) => [program!, '--resume', id, ...options],
  state: (env, id) => ({
    directory: join(env.CLAUDE_CONFIG_DIR ?? join(env.HOME ?? '/', '.claude'), 'projects'),
    file: `${id}.jsonl`,
  }),
};

/**
 * The agent that a command starts; undefined for every other program.
 * A first word that is no option is a subcommand or a prompt: neither is to be repeated at a revival.
 */
export function agentOf([program, ...options]: readonly string[]): Agent | undefined {
  if (program === undefined || basename(program) !== 'claude') return undefined;
  const isPlain = options[0] === undefined || options[0].startsWith('-');
  return isPlain && !options.some((option) => CLAUDE_OWN.test(option)) ? claude : undefined;
}
