/** LISTEN on a connection of its own that comes back by itself. */
import { clientConfig, type Connection } from './connect.ts';
import { LoginClient } from './login.ts';

export interface Listener {
  close(): Promise<void>;
}

const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 5_000;

/**
 * Calls `onNotify` with each payload, and with null after every (re)connection: what was notified while there was none is
 * lost, so the caller looks for itself then.
 */
export function listen(
  connection: Connection,
  channel: string,
  onNotify: (payload: string | null) => void,
  connectTimeoutMs = 5_000,
): Listener {
  let client: LoginClient | null = null;
  let timer: NodeJS.Timeout | undefined;
  let delayMs = FIRST_DELAY_MS;
  let isClosed = false;

  const retry = (failed: LoginClient) => {
    if (isClosed || client !== failed) return;
    client = null;
    failed.end().catch(() => undefined);
    timer = setTimeout(open, delayMs);
    delayMs = Math.min(delayMs * 2, MAX_DELAY_MS);
  };

  const open = () => {
    const opened = new LoginClient({
      ...clientConfig(connection, 'holdfast listener'),
      connectionTimeoutMillis: connectTimeoutMs,
    });
    client = opened;
    opened.on('error', () => retry(opened));
    opened.on('end', () => retry(opened));
    opened.on('notification', ({ payload }) => onNotify(payload ?? ''));
    opened
      .connect()
      .then(() => opened.query(`listen ${opened.escapeIdentifier(channel)}`))
      .then(() => {
        delayMs = FIRST_DELAY_MS;
        if (!isClosed) onNotify(null);
      })
      .catch(() => retry(opened));
  };

  open();
  return {
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await client?.end().catch(() => undefined);
    },
  };
}
