/** Keeps the state of the stand-in platform in one file that several processes change, and a journal of what was asked. */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { initialState, type Fault, type PlatformState, type Settings } from './state.ts';

/** Each holder needs a few milliseconds; who waits longer has found a fault of ours. */
const LOCK_TIMEOUT_MS = 10_000;

export interface JournalEntry {
  atMs: number;
  /** `cli`: a command line; `api`: a request of the workspace API; `ingress`: one of an app's address. */
  by: 'cli' | 'api' | 'ingress';
  /** `apps get be1 -o json`, or `GET /api/2.0/apps/be1`. */
  what: string;
  argv?: string[];
  caller?: string;
  /** The answer's status, or the command's exit code; absent while it is under way. */
  status?: number;
}

export class PlatformStore {
  readonly #stateFile: string;
  readonly #lockFile: string;
  readonly #journalFile: string;
  #seen: { version: string; state: PlatformState } | undefined;

  private constructor(readonly folder: string) {
    this.#stateFile = join(folder, 'state.json');
    this.#lockFile = join(folder, 'state.lock');
    this.#journalFile = join(folder, 'journal.jsonl');
  }

  static create(folder: string, settings: Partial<Settings> = {}): PlatformStore {
    for (const name of ['workspace', 'volumes', 'logs']) mkdirSync(join(folder, name), { recursive: true });
    const store = new PlatformStore(folder);
    store.#write(initialState(settings));
    return store;
  }

  static open(folder: string): PlatformStore {
    const store = new PlatformStore(folder);
    if (!existsSync(store.#stateFile)) throw new Error(`${folder} holds no state of a platform`);
    return store;
  }

  read(): PlatformState {
    return JSON.parse(readFileSync(this.#stateFile, 'utf8')) as PlatformState;
  }

  /** As `read`, without parsing what has not changed; not to be written to. */
  peek(): PlatformState {
    const { ino, mtimeMs } = statSync(this.#stateFile);
    const version = `${ino} ${mtimeMs}`;
    if (this.#seen?.version !== version) this.#seen = { version, state: this.read() };
    return this.#seen.state;
  }

  /** Changes the state under the lock. What throws changes nothing. */
  update<Result>(change: (state: PlatformState) => Result): Result {
    return this.#locked(() => {
      const state = this.read();
      const result = change(state);
      this.#write(state);
      return result;
    });
  }

  addFault(...faults: Fault[]): void {
    this.update((state) => state.faults.push(...faults.map((fault) => ({ ...fault, seen: 0 }))));
  }

  /** The faults that this is to meet, each counted as met. */
  takeFaults(what: string): Fault[] {
    const mayMatch = this.read().faults.some(({ on }) => new RegExp(on).test(what));
    if (!mayMatch) return [];
    return this.update((state) =>
      state.faults.filter((fault) => {
        if (!new RegExp(fault.on).test(what)) return false;
        const turn = fault.seen++;
        return turn >= (fault.skip ?? 0) && turn < (fault.skip ?? 0) + (fault.times ?? 1);
      }),
    );
  }

  /** One line, appended in one write: lines of several processes do not mix. */
  journal(entry: Omit<JournalEntry, 'atMs'>): void {
    appendFileSync(this.#journalFile, `${JSON.stringify({ atMs: Date.now(), ...entry })}\n`);
  }

  entries(by?: JournalEntry['by']): JournalEntry[] {
    if (!existsSync(this.#journalFile)) return [];
    const lines = readFileSync(this.#journalFile, 'utf8').split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line) as JournalEntry).filter((entry) => !by || entry.by === by);
  }

  /** What an app printed, and what the platform said of it. */
  log(app: string): string {
    const file = join(this.folder, 'logs', `${app}.log`);
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  #write(state: PlatformState): void {
    const temporary = `${this.#stateFile}.${process.pid}`;
    writeFileSync(temporary, JSON.stringify(state, null, 1));
    renameSync(temporary, this.#stateFile);
  }

  #locked<Result>(action: () => Result): Result {
    const deadline = Date.now() + LOCK_TIMEOUT_MS;
    while (!this.#tryLock()) {
      if (Date.now() > deadline) throw new Error(`${this.#lockFile} is held for too long`);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3);
    }
    try {
      return action();
    } finally {
      rmSync(this.#lockFile, { force: true });
    }
  }

  #tryLock(): boolean {
    try {
      writeFileSync(this.#lockFile, String(process.pid), { flag: 'wx' });
      return true;
    } catch {
      this.#breakLock();
      return false;
    }
  }

  /** A command may be killed while it holds the lock. Only one at a time looks whether its holder is gone. */
  #breakLock(): void {
    const guard = `${this.#lockFile}.guard`;
    try {
      writeFileSync(guard, '', { flag: 'wx' });
    } catch {
      return;
    }
    try {
      const holder = Number(readFileSync(this.#lockFile, 'utf8'));
      if (holder > 0 && !isAlive(holder)) rmSync(this.#lockFile, { force: true });
    } catch {
      // It was let go meanwhile.
    } finally {
      rmSync(guard, { force: true });
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
