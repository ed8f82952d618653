/** Attention on the sockets of a shard: windows tell what their person looks at, and are told what sessions want them. */
import { Look } from '../../protocol/terminal.ts';
import { parse } from '../http/serve.ts';
import { toWire } from '../../protocol/errors.ts';
import type { HoldfastSocket } from '../sockets/socketServer.ts';
import type { Looks } from './looks.ts';
import type { Presence } from './presence.ts';
import type { SessionSignals } from './sessionSignals.ts';

export class AttentionSockets {
  constructor(
    private readonly looks: Looks,
    private readonly presence: Presence,
    private readonly signals: SessionSignals,
  ) {}

  connect(socket: HoldfastSocket): void {
    const { email } = socket.data.caller;
    const change = (run: () => void) => {
      const wasAlive = this.looks.isAlive(email);
      run();
      this.presence.changed(email, wasAlive);
    };
    socket.on('look', (raw) => {
      try {
        const look = parse(Look, raw);
        change(() => this.looks.set(socket.id, email, look));
        this.signals.looked(email, look);
      } catch (error) {
        socket.emit('refused', { error: toWire(error, socket.id) });
      }
    });
    socket.on('disconnect', () => change(() => this.looks.remove(socket.id)));
    const unseen = this.signals.unseenOf(email);
    if (unseen.length > 0) socket.emit('signals', { signals: unseen, isLate: true });
  }
}
