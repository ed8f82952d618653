/** localStorage and sessionStorage, of which nothing is thrown: what the browser does not take is held until the window closes. */
import { noteLack } from './lacks.ts';

export class BrowserStorage {
  #held = new Map<string, string>();

  /** @param storage asked each time: where it is denied, to name it throws already */
  constructor(private readonly storage: () => Storage) {}

  get(key: string): string | null {
    return this.#held.get(key) ?? this.#try((storage) => storage.getItem(key)) ?? null;
  }

  /** @returns false when it is held for this window only */
  set(key: string, value: string): boolean {
    this.#held.delete(key);
    const isKept = this.#try((storage) => (storage.setItem(key, value), true)) ?? false;
    if (!isKept) this.#held.set(key, value);
    return isKept;
  }

  remove(key: string): void {
    this.#held.delete(key);
    this.#try((storage) => storage.removeItem(key));
  }

  keys(): string[] {
    return [...new Set([...this.#held.keys(), ...(this.#try((storage) => Object.keys(storage)) ?? [])])];
  }

  #try<Result>(act: (storage: Storage) => Result): Result | undefined {
    try {
      return act(this.storage());
    } catch (error) {
      noteLack(isFull(error) ? 'room' : 'storage');
      return undefined;
    }
  }
}

/** Firefox has a name of its own for it. */
export function isFull(error: unknown): boolean {
  return error instanceof Error && /^(QuotaExceededError|NS_ERROR_DOM_QUOTA_REACHED)$/.test(error.name);
}

/** For all windows of this browser. */
export const localStore = new BrowserStorage(() => localStorage);
/** For this window, over its reloads. */
export const windowStore = new BrowserStorage(() => sessionStorage);
