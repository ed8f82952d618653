/** How far a program says that it is (OSC 9;4): a state, told whenever it is another one. */
import type { IDisposable, Terminal } from '@xterm/xterm';

export interface Progress {
  state: 'normal' | 'error' | 'indeterminate' | 'paused';
  /** 0 to 100; null where it makes no sense. */
  percent: number | null;
}

/** `9 ; 4 ; state ; percent`: undefined when it is something else, null when the progress is over. */
export function parseProgress(data: string): Progress | null | undefined {
  const match = /^4;([0-4])(?:;(\d{0,3}))?;?$/.exec(data);
  if (!match) return undefined;
  const percent = match[2] ? Math.min(100, Number(match[2])) : null;
  switch (match[1]) {
    case '0':
      return null;
    case '1':
      return { state: 'normal', percent: percent ?? 0 };
    case '2':
      return { state: 'error', percent };
    case '3':
      return { state: 'indeterminate', percent: null };
    default:
      return { state: 'paused', percent };
  }
}

function isSameProgress(a: Progress | null, b: Progress | null): boolean {
  return a?.state === b?.state && a?.percent === b?.percent;
}

export class ProgressWatch {
  #told: (progress: Progress | null) => void;
  #progress: Progress | null = null;
  #hooks: IDisposable[];

  /** @param told null: there is none, or none any more. From old output too. */
  constructor({ parser }: Pick<Terminal, 'parser'>, told: (progress: Progress | null) => void) {
    this.#told = told;
    this.#hooks = [
      parser.registerOscHandler(9, (data) => this.#take(data)),
      parser.registerEscHandler({ final: 'c' }, () => this.#set(null)),
    ];
  }

  /** The command it belonged to has ended, whatever it left behind. */
  end(): void {
    this.#set(null);
  }

  dispose(): void {
    for (const hook of this.#hooks) hook.dispose();
  }

  #take(data: string): boolean {
    const progress = parseProgress(data);
    if (progress === undefined) return false;
    this.#set(progress);
    return true;
  }

  #set(progress: Progress | null): false {
    if (!isSameProgress(progress, this.#progress)) {
      this.#progress = progress;
      this.#told(progress);
    }
    return false;
  }
}
