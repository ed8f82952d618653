/**
 * When to connect, when to give up and when to doubt: the decisions of one connection, apart from the socket that carries
 * them out. The first retry is at once, later ones by backoff.ts, for ever.
 */
import { CONNECT_TIMEOUT_MS, PROBE_PERIOD_MS, PROBE_TIMEOUT_MS, WAKE_DEADLINE_MS } from '../protocol/limits.ts';
import { retryDelayMs } from './backoff.ts';
import type { Clock } from './clock.ts';

/** Timers that were due every second and came this late were asleep, and the network may have been, too. */
const TICK_MS = 1_000;
const TIMER_JUMP_MS = 5_000;

/** What carries out the decisions. */
export interface Wire {
  /** Begin an attempt; answered by `opened` or `failed`, or given up by the link. */
  open(): void;
  /** Whatever is there is of no use any more. The wire need not say that it ended. */
  drop(): void;
  /** Ask for a sign of life, answered by `answered(probe)`. */
  probe(probe: number): void;
}

export interface LinkEvents {
  onConnecting(): void;
  onOpened(): void;
  /** @param error why, as far as it is known */
  onDown(error: unknown, nextTryAt: number): void;
}

type State =
  | { is: 'closed' }
  | { is: 'waiting'; cancel: () => void }
  | { is: 'connecting'; cancel: () => void; until: number }
  | { is: 'open'; cancel: () => void };

export class Link {
  #state: State = { is: 'closed' };
  #attempt = 0;
  #cancelTick: () => void = () => undefined;
  #tickedAt = 0;
  /** Counts the probes; an answer to an earlier one proves little. */
  #probe = 0;
  /** What is waited for: nothing, any message, or the answer itself. */
  #awaits: 'nothing' | 'message' | 'answer' = 'nothing';
  #cancelDeadline: () => void = () => undefined;
  #heardAt = 0;

  constructor(
    private readonly wire: Wire,
    private readonly events: LinkEvents,
    private readonly clock: Clock,
    private readonly random: () => number = Math.random,
  ) {}

  get isOpen(): boolean {
    return this.#state.is === 'open';
  }

  /** When the last message came; ms since the epoch. */
  get heardAt(): number {
    return this.#heardAt;
  }

  start(): void {
    this.#tickedAt = this.clock.now();
    this.#cancelTick = this.clock.every(TICK_MS, () => this.#tick());
    this.#connect();
  }

  close(): void {
    this.#enter({ is: 'closed' });
    this.#cancelTick();
    this.wire.drop();
  }

  // What the wire tells.

  opened(): void {
    if (this.#state.is !== 'connecting') return;
    this.#attempt = 0;
    this.heard();
    this.#enter({ is: 'open', cancel: this.clock.every(PROBE_PERIOD_MS, () => this.#ask('message')) });
    this.events.onOpened();
    if (this.isOpen) this.#ask('message');
  }

  /** An attempt came to nothing, or the connection ended. */
  failed(error: unknown = null): void {
    if (this.#state.is !== 'connecting' && this.#state.is !== 'open') return;
    const delayMs = retryDelayMs(this.#attempt++, this.random());
    this.#enter({ is: 'waiting', cancel: this.clock.after(delayMs, () => this.#connect()) });
    this.events.onDown(error, this.clock.now() + delayMs);
  }

  heard(): void {
    this.#heardAt = this.clock.now();
  }

  answered(probe: number): void {
    if (probe !== this.#probe) return;
    this.#await('nothing');
  }

  // What the world tells.

  /** Do not wait for the next try. */
  tryNow(): void {
    if (this.#state.is === 'waiting') this.#connect();
  }

  /** The network may be another one, or time has passed unseen: what is there proves itself soon, or is made anew. */
  wake(): void {
    if (this.#state.is === 'open') return this.#ask('answer');
    if (this.#state.is === 'waiting') {
      this.#attempt = Math.min(this.#attempt, 1);
      return this.#connect();
    }
    if (this.#state.is !== 'connecting') return;
    // An attempt that began on the network before may hang there; it is given the same time as a connection.
    const until = this.clock.now() + WAKE_DEADLINE_MS;
    if (until < this.#state.until) this.#allowUntil(until);
  }

  #connect(): void {
    this.#allowUntil(this.clock.now() + CONNECT_TIMEOUT_MS);
    this.events.onConnecting();
    this.wire.open();
  }

  #allowUntil(until: number): void {
    const cancel = this.clock.after(until - this.clock.now(), () => this.#giveUp());
    this.#enter({ is: 'connecting', cancel, until });
  }

  /** @param what after a sleep only the answer counts: other messages may have been on their way before it */
  #ask(what: 'message' | 'answer'): void {
    // Not put off by the next one: the deadline runs from the first that was not answered.
    if (this.#awaits === what || this.#awaits === 'answer') return;
    const askedAt = this.clock.now();
    this.#await(what);
    this.#cancelDeadline = this.clock.after(what === 'answer' ? WAKE_DEADLINE_MS : PROBE_TIMEOUT_MS, () => {
      this.#await('nothing');
      const isAlive = what === 'message' && this.#heardAt > askedAt;
      if (!isAlive) this.#giveUp();
    });
    this.wire.probe(++this.#probe);
  }

  #await(what: 'nothing' | 'message' | 'answer'): void {
    this.#cancelDeadline();
    this.#awaits = what;
  }

  #giveUp(): void {
    this.wire.drop();
    this.failed();
  }

  #tick(): void {
    const now = this.clock.now();
    const hasJumped = Math.abs(now - this.#tickedAt) > TIMER_JUMP_MS;
    this.#tickedAt = now;
    if (hasJumped) this.wake();
  }

  #enter(state: State): void {
    if (this.#state.is !== 'closed') this.#state.cancel();
    this.#await('nothing');
    this.#state = state;
  }
}
