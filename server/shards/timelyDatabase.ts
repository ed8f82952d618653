/** Asks the database, but waits for it no longer than a person would: one that is frozen answers nothing, ever. */
import { AppError } from '../../protocol/errors.ts';
import type { Clock } from '../base/clock.ts';

const ANSWER_TIMEOUT_MS = 5_000;
/** Whoever asks this soon after a failure is answered without asking the database again. */
const AWAY_MS = 1_000;

export class TimelyDatabase {
  #turn: Promise<unknown> = Promise.resolve();
  #awayUntil = 0;

  /** @param isConnectionFailure which errors of `work` mean that the database is away */
  constructor(
    private readonly isConnectionFailure: (error: unknown) => boolean,
    private readonly clock: Clock,
  ) {}

  /** What was asked goes on when its answer is late. @throws AppError `database.unavailable` when it is, or a moment ago was */
  async ask<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.clock.now() < this.#awayUntil) throw unavailable();
    let cancel = () => {};
    const late = new Promise<never>((_resolve, reject) => {
      cancel = this.clock.after(ANSWER_TIMEOUT_MS, () => reject(unavailable()));
    });
    try {
      return await Promise.race([work(), late]);
    } catch (error) {
      if (this.isAway(error)) this.#awayUntil = this.clock.now() + AWAY_MS;
      throw error;
    } finally {
      cancel();
    }
  }

  /** One after the other, in the order of asking. The time for the answer begins with one's turn. */
  askInTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const answer = this.#turn.then(() => this.ask(work));
    this.#turn = answer.catch(() => undefined);
    return answer;
  }

  isAway(error: unknown): boolean {
    return (error instanceof AppError && error.code === 'database.unavailable') || this.isConnectionFailure(error);
  }
}

function unavailable(): AppError {
  return new AppError('database.unavailable', 'the database does not answer right now; terminals go on');
}
