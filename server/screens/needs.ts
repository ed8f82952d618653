/**
 * Which words and bells mean that a program cannot go on without its person. A guess, by what agents print in English; what
 * it does not know stays a notice or a bell, and is told all the same.
 */
import type { HeardSignal } from '../../protocol/attention.ts';

/**
 * Claude Code: “Claude is waiting for your input”, “Claude needs your permission to use Bash”. Codex: “Approval requested: …”.
 * Gemini CLI: “Action required”. Others use the same words.
 */
const PLEA =
  /\bwaiting for (you\b|your\b|input|approval|confirmation)|\bneeds? (you\b|your\b|input|approval|permission|attention)|\b(approval|permission|confirmation|action|input|attention) (is )?(needed|required|requested)|\brequires? (you\b|your\b|input|approval|permission|attention)/i;

/** First words of command lines that start an agent: its bell says that it is the person's turn. */
const AGENTS = new Map([
  ['claude', 'Claude Code'],
  ['codex', 'Codex'],
  ['gemini', 'Gemini CLI'],
  ['aider', 'aider'],
  ['opencode', 'opencode'],
]);

export const isPlea = (text: string): boolean => PLEA.test(text);

/** @param command the line that runs; null when the shell does not say */
export function kindOfBell(command: string | null): Pick<HeardSignal, 'kind' | 'text'> {
  const program = /^\s*(?:\S*\/)?([\w-]+)(?=\s|$)/.exec(command ?? '')?.[1];
  const agent = program && AGENTS.get(program);
  return agent ? { kind: 'needsInput', text: `${agent} waits for you` } : { kind: 'bell', text: 'The bell rang' };
}
