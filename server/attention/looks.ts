/** What the people connected to this shard have before them, window by window. */
import type { Look } from '../../protocol/terminal.ts';

interface WindowLook extends Look {
  email: string;
}

/** Every session that this window has in view. */
export const inViewOf = ({ sessionId, beside = [] }: Look): string[] =>
  sessionId === null ? beside : [sessionId, ...beside];

export class Looks {
  /** By connection. */
  #windows = new Map<string, WindowLook>();

  set(connectionId: string, email: string, look: Look): void {
    this.#windows.set(connectionId, { email, ...look });
  }

  remove(connectionId: string): void {
    this.#windows.delete(connectionId);
  }

  isLookedAt(email: string, sessionId: string): boolean {
    return this.#some((look) => look.isAlive && look.email === email && inViewOf(look).includes(sessionId));
  }

  isAlive(email: string): boolean {
    return this.#some((look) => look.isAlive && look.email === email);
  }

  /** Who shows life in some window, each once. */
  get alive(): string[] {
    return [...new Set([...this.#windows.values()].filter(({ isAlive }) => isAlive).map(({ email }) => email))];
  }

  #some(test: (look: WindowLook) => boolean): boolean {
    for (const look of this.#windows.values()) if (test(look)) return true;
    return false;
  }
}
