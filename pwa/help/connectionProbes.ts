/** The way to the server: how long it takes, by which means, and whether both clocks agree. */
import { denied, missing, unknown, works, type Finding, type Probe, type ProbeWorld } from './finding.ts';

const ROUNDS = 3;
/** An answer's time is told in whole seconds, and it was on its way. */
const SKEW_TOLERANCE_MS = 2_000;
const SIGN_IN_FIRST = unknown('nobody is signed in', 'Sign in to try it.');
/** The first message of a server of engine.io. */
const OPEN_PACKET = /^0\{/;

export const connectionProbes: readonly Probe[] = [
  {
    id: 'server',
    title: 'Server',
    async run({ fetch }, signal) {
      try {
        const response = await fetch('/api/health', { cache: 'no-store', signal });
        const health = (await response.json()) as { version?: unknown; status?: unknown };
        const [version, status] = [health.version, health.status].map((value) =>
          typeof value === 'string' ? value : '?',
        );
        if (status === 'ok' || status === 'healthy') return works(`version ${version}`);
        return works(`version ${version}, ${status}`, 'The server says itself that not everything of it works.');
      } catch {
        return missing('no answer', 'Last screens can be read; nothing else can be done until it answers.');
      }
    },
  },
  {
    id: 'roundTrip',
    title: 'Round trip',
    async run({ fetch, now }, signal) {
      const times: number[] = [];
      try {
        for (let i = 0; i < ROUNDS; i++) {
          const sentAt = now();
          await fetch('/api/live', { cache: 'no-store', signal });
          times.push(now() - sentAt);
        }
      } catch {
        return missing('no answer', 'The network, or something in front of the server, lets nothing through.');
      }
      const best = Math.round(Math.min(...times));
      return works(`${best} ms, the best of ${ROUNDS}`, best > 300 ? 'Typing will feel slow.' : '');
    },
  },
  {
    id: 'websocket',
    title: 'Websocket',
    run: (world, signal) => (world.shardUrl === null ? SIGN_IN_FIRST : websocket(world, world.shardUrl, signal)),
  },
  {
    id: 'polling',
    title: 'Polling, where there is no websocket',
    async run({ fetch, now, shardUrl }, signal) {
      if (shardUrl === null) return SIGN_IN_FIRST;
      const startedAt = now();
      try {
        const response = await fetch(`${shardUrl}/socket.io/?EIO=4&transport=polling`, { cache: 'no-store', signal });
        if (response.status === 401 || response.status === 403) return denied('not let in', 'Sign in again.');
        const isOpened = OPEN_PACKET.test(await response.text());
        return isOpened
          ? works(`${Math.round(now() - startedAt)} ms`)
          : missing(`answer ${response.status}`, 'Something between changes answers.');
      } catch {
        return missing('no answer', 'There is no way at all to your shard now.');
      }
    },
  },
  {
    id: 'clock',
    title: 'Clock',
    async run({ fetch, date }, signal) {
      try {
        const sentAt = date();
        const response = await fetch('/api/live', { cache: 'no-store', signal });
        const middle = (sentAt + date()) / 2;
        const server = Date.parse(response.headers.get('date') ?? '');
        if (Number.isNaN(server)) return unknown('the server does not say its time', '');
        // Told in whole seconds, cut off: half of one is right on average.
        const skew = middle - (server + 500);
        if (Math.abs(skew) <= SKEW_TOLERANCE_MS) return works('agrees with the server’s');
        const seconds = `${Math.round(Math.abs(skew) / 1000)} s ${skew > 0 ? 'ahead of' : 'behind'} the server’s`;
        return works(seconds, 'Times in the app are off by as much. Set this device’s clock.');
      } catch {
        return unknown('no answer', '');
      }
    },
  },
];

function websocket({ window, now }: ProbeWorld, shardUrl: string, signal: AbortSignal): Promise<Finding> {
  const startedAt = now();
  const address = new URL(`${shardUrl}/socket.io/?EIO=4&transport=websocket`, window.location.origin);
  address.protocol = address.protocol.replace('http', 'ws');
  const means = 'The app goes on by polling, which is slower. A proxy in front of the server may stand in the way.';
  return new Promise<Finding>((resolve) => {
    const socket = new window.WebSocket(address);
    const tell = (finding: Finding) => {
      resolve(finding);
      socket.close();
    };
    signal.addEventListener('abort', () => tell(missing('no answer', means)));
    socket.onmessage = ({ data }) =>
      tell(
        OPEN_PACKET.test(String(data))
          ? works(`${Math.round(now() - startedAt)} ms`)
          : missing('another server answers', means),
      );
    socket.onerror = () => tell(missing('not opened', means));
    socket.onclose = () => tell(missing('closed at once', means));
  });
}
