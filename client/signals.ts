/** What programs tell the person, heard over the connections to all shards, each once; and what the person looks at, told to them. */
import { isAfter, type SeenSignals, type SessionSignal } from '../protocol/attention.ts';
import type { Look } from '../protocol/terminal.ts';
import type { ShardSocket } from './shardConnection.ts';
import type { SignalListener, Signals } from './types.ts';

export class SignalWatch implements Signals {
  #look: Look = { sessionId: null, isAlive: false };
  #listener: SignalListener | undefined;
  /** By session: the last that was heard, and the last that was seen. */
  #heard = new Map<string, SessionSignal>();
  #seen = new Map<string, SeenSignals>();

  constructor(private readonly sockets: () => ShardSocket[]) {}

  /** The newest of each session that came before is told as late. */
  listen(listener: SignalListener): void {
    this.#listener = listener;
    for (const signal of this.#heard.values()) listener.signal(signal, true);
  }

  look(look: Look): void {
    if (keyOf(look) === keyOf(this.#look)) return;
    this.#look = look;
    for (const socket of this.sockets()) socket.emit('look', look);
  }

  /** Routes what comes from this shard. */
  route(socket: ShardSocket): void {
    socket.on('signals', ({ signals, isLate }) => signals.forEach((signal) => this.#hear(signal, isLate)));
    socket.on('seen', (seen) => this.#see(seen));
  }

  /** The connection is there: a shard knows only what this one told it. */
  online(socket: ShardSocket): void {
    if (this.#look.isAlive || this.#look.sessionId !== null) socket.emit('look', this.#look);
  }

  #hear(signal: SessionSignal, isLate: boolean): void {
    const known = [this.#heard.get(signal.sessionId), this.#seen.get(signal.sessionId)];
    if (known.some((one) => one && !isAfter(signal, one))) return; // it came over another connection
    this.#heard.set(signal.sessionId, signal);
    this.#listener?.signal(signal, isLate);
  }

  #see(seen: SeenSignals): void {
    this.#seen.set(seen.sessionId, seen);
    const heard = this.#heard.get(seen.sessionId);
    if (heard && !isAfter(heard, seen)) this.#heard.delete(seen.sessionId);
    this.#listener?.seen(seen);
  }
}

const keyOf = ({ sessionId, beside = [], isAlive }: Look): string => JSON.stringify([isAlive, sessionId, ...beside]);
