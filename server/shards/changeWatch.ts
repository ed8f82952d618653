/**
 * Tells people's windows that a list of theirs changed. Other shards ring for it, at once; behind the bell is a look at the
 * lists of those who are connected, because a bell may not be heard.
 */
import type { ChangedSubject } from '../../protocol/terminal.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { ListPrint, ListStore } from './listStore.ts';

/** How late a change is told when no bell is heard. */
export const LOOK_MS = 20_000;
const SUBJECTS: ChangedSubject[] = ['sessions', 'projects', 'preferences'];
/** Told already: whatever the next look finds is no news. */
const TOLD = Symbol('told');
type Known = Map<string, string | typeof TOLD>;

export class ChangeWatch {
  /** By person and subject. What is not in it is told at the next look, once too often rather than never. */
  #known: Known = new Map();
  #isLooking = false;
  /** Bells were missed since the last look began. */
  #hasMissed = false;
  #cancel: () => void;

  constructor(
    private readonly lists: Pick<ListStore, 'prints'>,
    private readonly people: () => string[],
    private readonly tell: (email: string, subject: ChangedSubject) => void,
    clock: Clock,
    private readonly log: Log,
  ) {
    this.#cancel = clock.every(LOOK_MS, () => void this.look());
  }

  close(): void {
    this.#cancel();
  }

  /** @param payload of a notification on CHANGE_CHANNEL */
  rung(payload: string): void {
    const { email, subject } = JSON.parse(payload) as { email: string; subject: ChangedSubject };
    this.#known.set(keyOf(email, subject), TOLD);
    this.tell(email, subject);
  }

  /** Bells were missed, nobody knows whose: all who are connected are told. */
  reconnected(): void {
    this.#hasMissed = true;
    void this.look();
  }

  async look(): Promise<void> {
    const people = this.people();
    if (this.#isLooking || people.length === 0) return;
    this.#isLooking = true;
    const before = this.#hasMissed ? new Map<never, never>() : this.#known;
    this.#hasMissed = false;
    // What is rung while the answer is on its way may or may not be in it: it stays unknown, and is told once more.
    this.#known = new Map();
    try {
      this.#compare(before, people, await this.lists.prints(people));
    } catch (error) {
      this.log.debug({ err: error }, 'the lists could not be looked at');
      this.#known = before;
    }
    this.#isLooking = false;
    if (this.#hasMissed) await this.look();
  }

  #compare(before: Known, people: string[], found: ListPrint[]): void {
    const prints = new Map(found.map(({ email, subject, print }) => [keyOf(email, subject), print]));
    const rungMeanwhile = this.#known;
    this.#known = new Map();
    for (const email of people) {
      for (const subject of SUBJECTS) {
        const key = keyOf(email, subject);
        const print = prints.get(key) ?? 'none';
        if (rungMeanwhile.has(key)) continue;
        this.#known.set(key, print);
        const known = before.get(key);
        if (known !== TOLD && known !== print) this.tell(email, subject);
      }
    }
  }
}

const keyOf = (email: string, subject: ChangedSubject) => `${subject} ${email}`;
