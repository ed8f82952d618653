/** Programs that keep a conversation of their own, and how one is begun under an id of ours and taken up again. */
import { basename, join } from 'node:path';
import type { ConversationPlace } from '../state/agentFiles.ts';

export interface Agent {
  name: string;
  /** argv that begins a conversation under `id`. */
  start(command: readonly string[], id: string): string[];
  /** argv that takes it up again. */
  resume(command: readonly string[], id: string): string[];
  /** The directory in which it keeps its conversations, in this environment. */
  directory(env: Readonly<Record<string, string>>): string;
  /** What of a conversation lies where in there. */
  conversation(directory: string, id: string): ConversationPlace;
}

/** Whoever gives one of these decides for themselves which conversation it is, or wants none. */
const CLAUDE_OWN =
  /^(--(resume|continue|session-id|fork-session|print|from-pr|teleport|help|version|no-session-persistence)(=|$)|-[a-z]*[rcphv])/;

const claude: Agent = {
  name: 'Claude Code',
  start: ([program, ...options], id) => [program!, '--session-id', id, ...options],
  // By its id and never --continue, which takes the latest of the directory: two sessions there would become one.
  resume: ([program, ...options], id) => [program!, '--resume', id, ...options],
  directory: (env) => env.CLAUDE_CONFIG_DIR ?? join(env.HOME ?? '/', '.claude'),
  // As version 2.1 lays it out. Never what is not of one conversation alone, such as credentials and settings.
  conversation: (directory, conversationId) => ({
    conversationId,
    directory,
    record: `projects/*/${conversationId}.jsonl`,
    belongings: [
      `projects/*/${conversationId}/**`, // sub-agents, and results that were too long for the record
      `file-history/${conversationId}/**`,
      `tasks/${conversationId}/**`,
      `todos/${conversationId}-*`,
    ],
    folderFor: (cwd) => cwd.replace(/[^a-zA-Z0-9]/g, '-'),
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
