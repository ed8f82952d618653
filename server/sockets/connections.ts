/** The connected sockets: whose they are, and that each is renewed, because a socket outlives the assertion that opened it. */
import { AppError } from '../../protocol/errors.ts';
import { CONNECTION_LIFETIME_MS, RENEW_INTERVAL_MS } from '../../protocol/limits.ts';
import type { Clock } from '../base/clock.ts';

const SWEEP_MS = 5_000;

export interface Connection {
  id: string;
  email: string;
  askToRenew(): void;
  /** Called when nobody renewed it in time. */
  cutOff(error: AppError): void;
}

interface Entry {
  connection: Connection;
  renewedAt: number;
  askedAt: number;
}

export class Connections {
  #entries = new Map<string, Entry>();
  #cancelSweep: () => void;

  constructor(private readonly clock: Clock) {
    this.#cancelSweep = clock.every(SWEEP_MS, () => this.#sweep());
  }

  /** Whose there are, each once. */
  get people(): string[] {
    return [...new Set([...this.#entries.values()].map(({ connection }) => connection.email))];
  }

  add(connection: Connection): void {
    const now = this.clock.now();
    this.#entries.set(connection.id, { connection, renewedAt: now, askedAt: now });
  }

  remove(id: string): void {
    this.#entries.delete(id);
  }

  /** Someone else's connection is not found. @throws AppError `connection.not_found` */
  renew(id: string, email: string): void {
    const entry = this.#entries.get(id);
    if (!entry || entry.connection.email !== email)
      throw new AppError('connection.not_found', 'there is no such connection');
    entry.renewedAt = this.clock.now();
  }

  close(): void {
    this.#cancelSweep();
  }

  #sweep(): void {
    const now = this.clock.now();
    for (const entry of this.#entries.values()) {
      if (now - entry.renewedAt > CONNECTION_LIFETIME_MS - SWEEP_MS) {
        entry.connection.cutOff(new AppError('connection.unrenewed', 'the connection was not renewed in time'));
      } else if (now - entry.askedAt >= RENEW_INTERVAL_MS - SWEEP_MS) {
        entry.askedAt = now;
        entry.connection.askToRenew();
      }
    }
  }
}
