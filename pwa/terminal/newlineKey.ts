/**
 * Shift+Enter as a new line in coding agents. A terminal has no code for it, so agents that offer to set a terminal up let it
 * send ESC CR, the same as Alt+Enter. To a shell or an editor that is another key, so it is sent only where an agent reads.
 */
import type { IDisposable, IParser } from '@xterm/xterm';

export const NEWLINE = '\x1b\r';

const AGENTS = new Set(['claude', 'codex', 'copilot', 'gemini', 'opencode', 'qwen', 'crush', 'amp', 'cursor-agent']);
/** Claude Code's titles: a sign for "waits for you" or a turning one, then what it is about. */
const AGENT_TITLE = /^(✳|✻|[\u2800-\u28ff]) /u;

export interface Reader {
  /** What the session was opened with; absent: a shell. */
  sessionCommand: readonly string[];
  /** What the shell says it runs now; null when nothing, or not known. */
  shellCommand: string | null;
  /** The shell says it waits for a command. */
  isAtPrompt: boolean;
  title: string;
  /** It asked for kitty's keyboard, in which it would know Shift+Enter; who does so knows ESC CR too. */
  wantsKeys: boolean;
}

export function isAgent({ sessionCommand, shellCommand, isAtPrompt, title, wantsKeys }: Reader): boolean {
  if (AGENTS.has(programOf(sessionCommand))) return true;
  if (shellCommand !== null && AGENTS.has(programOf(shellCommand.trim().split(/\s+/)))) return true;
  // Within what the shell started, such as another shell, there may be an agent all the same.
  return !isAtPrompt && (wantsKeys || AGENT_TITLE.test(title));
}

export function isNewlineKey({ key, shiftKey, ctrlKey, altKey, metaKey, isComposing }: KeyboardEvent): boolean {
  return key === 'Enter' && shiftKey && !ctrlKey && !altKey && !metaKey && !isComposing;
}

/** Variables that are set for it, `env`, `npx` and the like stand before the program. */
function programOf(words: readonly string[]): string {
  const word = words.find((candidate) => !/^\w+=|^-/.test(candidate) && !WRAPPERS.has(nameOf(candidate)));
  return word ? nameOf(word) : '';
}

const WRAPPERS = new Set(['env', 'npx', 'bunx', 'exec', 'command', 'nice', 'time']);
const nameOf = (word: string) => word.slice(word.lastIndexOf('/') + 1);

/** Whether the program that runs has asked for kitty's keyboard. The terminal does not have it, and does not answer. */
export class KeyboardWishes {
  #depth = 0;
  #hooks: IDisposable[];

  constructor(parser: IParser) {
    this.#hooks = [
      parser.registerCsiHandler({ prefix: '>', final: 'u' }, () => this.#set(this.#depth + 1)),
      parser.registerCsiHandler({ prefix: '<', final: 'u' }, ([count]) =>
        this.#set(this.#depth - (Number(count) || 1)),
      ),
      parser.registerCsiHandler({ prefix: '=', final: 'u' }, ([flags]) => this.#set(flags ? 1 : 0)),
      parser.registerEscHandler({ final: 'c' }, () => this.#set(0) && false),
    ];
  }

  get wantsKeys(): boolean {
    return this.#depth > 0;
  }

  dispose(): void {
    for (const hook of this.#hooks) hook.dispose();
  }

  #set(depth: number): true {
    this.#depth = Math.min(Math.max(depth, 0), 64);
    return true;
  }
}
