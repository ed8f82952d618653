/** A storm of faults over a network and the processes of a stack, by a seed: the same seed, the same weather. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultProxy } from './faultProxy.ts';
import type { Role } from './processes.ts';
import { between, oneOf, randomSource, type Random } from './random.ts';
import type { Stack } from './stack.ts';

export interface StormOptions {
  stack: Stack;
  /** The networks between the clients and the stack. */
  networks: FaultProxy[];
  seed: number;
  faults: number;
  /** Which processes may be killed, each again and again. */
  mortals: Role[];
  /** Which may be frozen for a while. */
  freezable: Role[];
  onFault?: (description: string) => void;
}

/** Longest time that a black hole or a freeze lasts, in ms. */
const MAX_HOLE_MS = 8_000;

/** Resolves when the last fault is over, every network is healthy and every process is there. */
export async function runStorm(options: StormOptions): Promise<void> {
  const random = randomSource(options.seed);
  for (let i = 0; i < options.faults; i++) {
    const { description, happen } = nextFault(options, random);
    options.onFault?.(description);
    await happen();
    await sleep(between(random, 50, 1_000));
  }
  for (const network of options.networks) network.restore();
}

interface Fault {
  description: string;
  happen: () => Promise<unknown>;
}

function nextFault({ stack, networks, mortals, freezable }: StormOptions, random: Random): Fault {
  const network = oneOf(random, networks);
  const name = `network ${networks.indexOf(network) + 1}`;
  const now = (act: () => void) => () => Promise.resolve(act());
  const kinds: (() => Fault)[] = [
    () => ({ description: `${name} resets`, happen: now(() => network.cut('rst')) }),
    () => ({ description: `${name} ends its connections`, happen: now(() => network.cut('fin')) }),
    () => {
      const delayMs = between(random, 0, 200);
      return { description: `${name} delays by ${delayMs} ms`, happen: now(() => network.delay(delayMs, delayMs)) };
    },
    () => {
      const bytesPerSecond = oneOf(random, [20_000, 200_000, null]);
      const speed = bytesPerSecond === null ? 'full speed' : `${bytesPerSecond} bytes/s`;
      return { description: `${name} carries ${speed}`, happen: now(() => network.throttle(bytesPerSecond)) };
    },
    () => {
      const direction = oneOf(random, ['up', 'down', 'both'] as const);
      const ms = between(random, 200, MAX_HOLE_MS);
      return {
        description: `${name} is a black hole (${direction}) for ${ms} ms`,
        async happen() {
          network.blackhole(direction);
          await sleep(ms);
          network.set({ blackhole: 'none' });
        },
      };
    },
    () => {
      const role = oneOf(random, mortals);
      const signal = oneOf(random, ['SIGKILL', 'SIGKILL', 'SIGTERM'] as const);
      return { description: `${role} gets ${signal}`, happen: () => stack.processes.restart(role, signal) };
    },
    () => {
      const role = oneOf(random, freezable);
      const ms = between(random, 100, MAX_HOLE_MS / 2);
      return {
        description: `${role} stands still for ${ms} ms`,
        async happen() {
          const thaw = await stack.processes.freeze(role);
          await sleep(ms);
          thaw();
        },
      };
    },
  ];
  return oneOf(random, kinds)();
}

/** Types numbered lines to a program that answers each (ECHO_LINES), and knows what must come of it. */
export class Typist {
  #count = 0;
  #isStopped = false;
  #typing: Promise<void> = Promise.resolve();

  constructor(
    private readonly write: (text: string) => void,
    private readonly random: Random,
  ) {}

  start(): void {
    this.#typing = this.#type();
  }

  /** Resolves to all that the program must have printed, or will have. */
  async stop(): Promise<string> {
    this.#isStopped = true;
    await this.#typing;
    return ['ready', ...Array.from({ length: this.#count }, (_, i) => `got:line ${i}`), ''].join('\r\n');
  }

  async #type(): Promise<void> {
    while (!this.#isStopped) {
      this.write(`line ${this.#count++}\n`);
      await sleep(between(this.random, 5, 150));
    }
  }
}
