/** Websocket upgrades on the frontend: guarded, identified, and piped to the shard they name. */
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { AppError } from '../protocol/errors.ts';
import { pathOnShard, type FrontendParts } from './frontendApp.ts';
import { refuseUpgrade } from './http/refuseUpgrade.ts';
import { guard } from './identity/originGuard.ts';

type Parts = Pick<FrontendParts, 'identity' | 'gateway' | 'guardOptions' | 'translate'>;

export function frontendUpgrades(server: Server, { identity, gateway, guardOptions, translate }: Parts): void {
  const upgrade = async (request: IncomingMessage, socket: Socket, head: Buffer) => {
    guard(request, guardOptions);
    const target = pathOnShard(request.url ?? '');
    if (!target) throw new AppError('route.not_found', 'there is no websocket here');
    const caller = await identity.identify(request);
    await gateway.upgrade(request, socket, head, { caller, ...target });
  };
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    // Whatever fails with the socket ends it; without a listener it would end the process.
    socket.on('error', () => socket.destroy());
    upgrade(request, socket, head).catch((error: unknown) => refuseUpgrade(socket, translate(error)));
  });
}
