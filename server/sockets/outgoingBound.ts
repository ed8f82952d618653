/** Bounds what waits to be sent on one connection: who asks without end and reads nothing would take memory from everyone. */
import type { Socket as Connection } from 'engine.io';

/** Far above what the credits of 128 attachments let be under way, so that no client that reads meets it. */
export const MAX_OUTGOING_BYTES = 64 * 1024 * 1024;
/** What a queued packet costs beside its bytes, roughly. */
const PACKET_BYTES = 256;

/** @param onExceeded called once */
export function boundOutgoing(connection: Connection, onExceeded: () => void): void {
  let queuedBytes = 0;
  /** Handed to the transport in one piece; the next piece goes when all of this is through. */
  let underWayBytes = 0;
  let isExceeded = false;
  connection.on('packetCreate', ({ data }: { data?: string | Buffer }) => {
    queuedBytes += PACKET_BYTES + (data?.length ?? 0);
    if (isExceeded || queuedBytes + underWayBytes <= MAX_OUTGOING_BYTES) return;
    isExceeded = true;
    onExceeded();
    cut(connection);
  });
  connection.on('flush', () => {
    underWayBytes = queuedBytes;
    queuedBytes = 0;
  });
}

/** Without a farewell: it would wait behind everything else. */
function cut(connection: Connection): void {
  const { transport, request } = connection;
  if (transport.name === 'websocket') request.socket.destroy();
  else connection.close(true);
}
