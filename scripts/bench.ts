/**
 * The two numbers that people feel: how long a key takes to come back, and how fast output arrives.
 * Starts an instance of its own from dist/ and measures through the gateway and straight to a backend, in turns.
 * npm run bench [-- --keys 2000 --megabytes 200 --rounds 3]
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { JWK } from 'jose';
import { openHoldfast, type Holdfast } from '../client/index.ts';
import { ASSERTION_HEADER } from '../server/http/caller.ts';
import { createSigner } from '../server/identity/assertion.ts';
import { startStack, type Stack } from '../server/testing/stack.ts';
import { ascending, fixed, machine, percentile } from './bench/report.ts';

const { values } = parseArgs({
  options: {
    keys: { type: 'string', default: '2000' },
    megabytes: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '3' },
  },
});
const person = { email: 'bench@example.com', name: 'bench', roles: ['user' as const] };

async function throughGateway(stack: Stack): Promise<Holdfast> {
  return openHoldfast({ url: stack.origin, headers: { 'X-Forwarded-Email': person.email } });
}

/** As the gateway does it: a fresh assertion for every request. */
async function straightToBackend(stack: Stack): Promise<Holdfast> {
  const secrets = JSON.parse(readFileSync(join(stack.home, 'secrets.json'), 'utf8')) as {
    assertionKey: { private: JWK };
  };
  const sign = await createSigner(secrets.assertionKey.private);
  return openHoldfast({
    url: `http://127.0.0.1:${stack.backendPorts[0]}`,
    shard: { id: 'backend-1', url: '/api' },
    headers: async () => ({ [ASSERTION_HEADER]: await sign(person, 'backend-1') }),
  });
}

/** Milliseconds from a key to its echo, for each of `count` keys typed one after the other into cat. */
async function echoTimes(hf: Holdfast, count: number): Promise<number[]> {
  const session = await hf.sessions.open({
    command: ['/bin/sh', '-c', 'stty raw -echo; echo ready; exec cat'],
    cols: 80,
    rows: 24,
  });
  let heard: (text: string) => void = () => undefined;
  const ready = new Promise<void>((resolve) => (heard = (text) => text.includes('ready') && resolve()));
  const attachment = await hf.sessions.attach(session.id, {
    from: 0,
    onOutput: (bytes) => heard(Buffer.from(bytes).toString()),
  });
  await ready;
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const sentAt = performance.now();
    const echoed = new Promise<void>((resolve) => (heard = () => resolve()));
    attachment.write('k');
    await echoed;
    times.push(performance.now() - sentAt);
  }
  await hf.sessions.close(session.id);
  return times.slice(Math.floor(count / 10)); // the first ones warm the code up
}

/** Lines as a build prints them; `yes` costs the machine next to nothing. */
const LINE = `${'compiling module '.repeat(4)}... \x1b[32mok\x1b[0m`;

/** MB/s (10^6 bytes) from the first byte to the exit. */
async function outputRate(hf: Holdfast, megabytes: number): Promise<number> {
  const script = `yes "${LINE}" | head -c ${megabytes * 1e6}`;
  const session = await hf.sessions.open({ command: ['/bin/sh', '-c', script], cols: 120, rows: 40 });
  let startedAt = 0;
  let received = 0;
  const ended = new Promise<void>((resolve, reject) => {
    hf.sessions
      .attach(session.id, {
        from: 0,
        onOutput(bytes) {
          startedAt ||= performance.now();
          received += bytes.length;
        },
        onExit: () => resolve(),
      })
      .catch(reject);
  });
  await ended;
  const seconds = (performance.now() - startedAt) / 1000;
  // The terminal adds a carriage return to each line.
  if (received < megabytes * 1e6) throw new Error(`received ${received} bytes of ${megabytes * 1e6}`);
  await hf.sessions.close(session.id);
  return received / 1e6 / seconds;
}

const stack = await startStack();
try {
  console.log(machine());
  const routes = { 'through the gateway': throughGateway, 'straight to a backend': straightToBackend };
  console.log('\nroute                   round  echo p50    p95      p99 ms     MB/s');
  for (let round = 1; round <= Number(values.rounds); round++) {
    for (const [name, open] of Object.entries(routes)) {
      const hf = await open(stack);
      const times = ascending(await echoTimes(hf, Number(values.keys)));
      const rate = await outputRate(hf, Number(values.megabytes));
      hf.close();
      const echo = [0.5, 0.95, 0.99].map((share) => fixed(percentile(times, share), 2)).join(' ');
      console.log(`${name.padEnd(24)}${String(round).padStart(5)}  ${echo}   ${fixed(rate, 1)}`);
    }
  }
} finally {
  await stack.remove();
}
