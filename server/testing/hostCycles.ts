/**
 * Spawns and ends many sessions through a real pty host, and says what is left of them; runs many programs that print and end
 * at once, and says which lost a byte. At a small size in the gates, at full size in the soak.
 */
import { createHash, randomInt, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { AttachState, HostedSession } from '../ptyhost/hostProtocol.ts';
import type { HostClient, HostEvent } from '../sessions/hostClient.ts';
import { RealHost, shellSpec } from './realHost.ts';
import { until } from './until.ts';

export interface Progress {
  (done: number, of: number): void;
}

export interface Leftovers {
  /** More than before, of the host. */
  descriptors: number;
  /** Command lines of programs that still run. */
  processes: string[];
  /** Children of the host that it did not reap. */
  zombies: number;
  /** In the folder of the logs. */
  files: string[];
  sessions: number;
}

export const NOTHING_LEFT: Leftovers = { descriptors: 0, processes: [], zombies: 0, files: [], sessions: 0 };

/** Each keeps a program with `$nap` in its arguments until it is ended, by every way we know of leaving a terminal. */
const PROGRAMS = [
  'exec $nap',
  '$nap & echo busy; wait',
  'setsid $nap & wait',
  '(setsid sh -c "$nap & exec $nap" &); exec $nap',
  'trap "" HUP TERM; while :; do $nap; done',
  '$nap & kill -STOP $!; wait',
  'nohup setsid $nap > /dev/null 2>&1 & exit 3',
  'setsid env -i $nap_path & wait',
  'trap "" HUP TERM; setsid sh -c "trap \\"\\" HUP TERM; $nap & wait" & kill -STOP $$',
];

/**
 * @param cycles how many sessions in all
 * @param atOnce how many side by side
 */
export async function spawnAndEnd(
  cycles: number,
  atOnce = 12,
  onProgress: Progress = () => undefined,
): Promise<Leftovers> {
  const host = await RealHost.start();
  try {
    const client = await host.connect();
    const { pid } = client.welcome;
    const nap = `86400.${randomInt(1e9)}`;
    await oneCycle(client, 'exit 0', nap); // what is opened once and kept
    const before = await settledDescriptorsOf(pid);
    let done = 0;
    await sideBySide(cycles, atOnce, async (i) => {
      await oneCycle(client, PROGRAMS[i % PROGRAMS.length]!, nap);
      onProgress(++done, cycles);
    });
    await until(() => zombiesOf(pid) === 0 || cycles === 0);
    client.close();
    const again = await host.connect();
    const leftovers = {
      descriptors: Math.max(0, (await settledDescriptorsOf(pid)) - before),
      processes: commands().filter((command) => command.includes(nap)),
      zombies: zombiesOf(pid),
      files: readdirSync(host.settings.directory),
      sessions: again.welcome.sessions.length,
    };
    again.close();
    return leftovers;
  } finally {
    await host.remove();
  }
}

async function oneCycle(client: HostClient, program: string, nap: string): Promise<void> {
  const script = program.replaceAll('$nap_path', `/bin/sleep ${nap}`).replaceAll('$nap', `sleep ${nap}`);
  const spec = shellSpec(script);
  const { sessionId } = spec;
  await client.request<HostedSession>({ t: 'spawn', spec });
  await new Promise((resolve) => setTimeout(resolve, randomInt(60))); // ended at any moment of its beginning
  await client.request({ t: 'end', sessionId });
  await client.request({ t: 'forget', sessionId });
}

const TAIL_BYTES = 200 * 1024;
/** What is between the program's end and its last byte. */
const ENDINGS = ['nothing', 'a pause', 'a child that holds the terminal', 'a new backend'] as const;

/**
 * Programs that print 200 kB and end at once, in turn with nothing else, paused by the backend at that moment, with a child left
 * behind that holds the terminal, and with another backend taking over. Resolves to what went wrong, as sentences.
 */
export async function tails(runs: number, atOnce = 4, onProgress: Progress = () => undefined): Promise<string[]> {
  const host = await RealHost.start();
  const mistakes: string[] = [];
  try {
    let client = await host.connect();
    let done = 0;
    for (let first = 0; first < runs; first += atOnce) {
      const batch = Array.from({ length: Math.min(atOnce, runs - first) }, (_, i) => ({
        ending: ENDINGS[(first + i) % ENDINGS.length]!,
        spec: shellSpec(scriptOf(ENDINGS[(first + i) % ENDINGS.length]!, randomUUID())),
      }));
      const exits = exitsOf(client);
      for (const { spec } of batch) {
        await client.request({ t: 'spawn', spec });
        client.tell({ t: 'subscribe', sessionId: spec.sessionId, from: 0 });
      }
      if (batch.some(({ ending }) => ending === 'a new backend')) {
        const next = await host.connect();
        for (const { sessionId, exit } of next.welcome.sessions) if (exit) exits.ended(sessionId, exit.code);
        exits.listen(next);
        client = next;
      }
      for (const { ending, spec } of batch) {
        if (ending === 'a pause') await letEndInAPause(client, spec.sessionId);
      }
      for (const { ending, spec } of batch) {
        const code = await exits.of(spec.sessionId);
        const printed = await wholeOutput(client, spec.sessionId);
        const wanted = expectedOf(spec.args[1]!);
        if (code !== 7 || sha(printed) !== sha(wanted)) {
          mistakes.push(`after ${ending}: code ${code}, ${printed.length} of ${wanted.length} bytes`);
        }
        await client.request({ t: 'end', sessionId: spec.sessionId });
        await client.request({ t: 'forget', sessionId: spec.sessionId });
        onProgress(++done, runs);
      }
    }
    client.close();
    return mistakes;
  } finally {
    await host.remove();
  }
}

function scriptOf(ending: (typeof ENDINGS)[number], last: string): string {
  const child = ending === 'a child that holds the terminal' ? 'sleep 30 & ' : '';
  const wait = ending === 'a pause' ? 'read -r go; ' : '';
  return `stty -echo; ${child}head -c ${TAIL_BYTES} /dev/zero | tr '\\0' x; ${wait}printf ${last}; exit 7`;
}

/** The last bytes are printed, and the program ends, while nobody reads: for longer than node-pty itself would wait. */
async function letEndInAPause(client: HostClient, sessionId: string): Promise<void> {
  const attachmentId = 'whoever';
  await until(async () => {
    const state = await client.request<AttachState>({ t: 'attach_state', sessionId, attachmentId });
    return state.end >= TAIL_BYTES;
  });
  client.tell({ t: 'pause', sessionId, forMs: 600 });
  client.tell({ t: 'input', sessionId, attachmentId, seq: 1 }, Buffer.from('\n'));
}

function expectedOf(script: string): Buffer {
  return Buffer.from('x'.repeat(TAIL_BYTES) + /printf (\S+);/.exec(script)![1]!);
}

function exitsOf(client: HostClient) {
  const codes = new Map<string, number | null>();
  const waiting = new Map<string, (code: number | null) => void>();
  const ended = (sessionId: string, code: number | null) => {
    codes.set(sessionId, code);
    waiting.get(sessionId)?.(code);
  };
  const listen = (one: HostClient) => {
    one.onEvent = (event: HostEvent) => {
      if (event.t === 'exited') ended(event.sessionId, event.exit.code);
      if (event.t === 'output') one.tell({ t: 'consumed', sessionId: event.sessionId, upTo: event.offset });
    };
  };
  listen(client);
  return {
    listen,
    ended,
    of: (sessionId: string) =>
      new Promise<number | null>((resolve) => {
        waiting.set(sessionId, resolve);
        if (codes.has(sessionId)) resolve(codes.get(sessionId)!);
      }),
  };
}

async function wholeOutput(client: HostClient, sessionId: string): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (let from = 0; ; from += pieces.at(-1)!.length) {
    pieces.push(await client.requestBytes({ t: 'read', sessionId, from }));
    if (pieces.at(-1)!.length === 0) return Buffer.concat(pieces);
  }
}

async function sideBySide(count: number, atOnce: number, run: (i: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await run(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

function descriptorsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** What was closed a moment ago may still be open: the same count several times in a row is what stays. */
async function settledDescriptorsOf(pid: number): Promise<number> {
  let count = descriptorsOf(pid);
  for (let same = 0; same < 10;) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    const next = descriptorsOf(pid);
    same = next === count ? same + 1 : 0;
    count = next;
  }
  return count;
}

function zombiesOf(parent: number): number {
  return pids().filter((pid) => {
    const [state, ppid] = readOr(`/proc/${pid}/stat`)
      .replace(/^.*\) /s, '')
      .split(' ');
    return state === 'Z' && Number(ppid) === parent;
  }).length;
}

function commands(): string[] {
  return pids().map((pid) => readOr(`/proc/${pid}/cmdline`).replaceAll('\0', ' '));
}

const pids = () => readdirSync('/proc').filter((name) => /^\d+$/.test(name));

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // it ended meanwhile
  }
}
