/**
 * What agents cost on a shard: memory and CPU of real Claude Code in many sessions at once, and of all that serves them.
 * Starts an instance of its own from dist/, with a stand-in for the model. Linux only. Agents are taken from the registry.
 * npm run bench:agents [-- --agents 1,4,12 --turns 1 --seconds 30 --shells 12]
 */
import { parseArgs } from 'node:util';
import { AgentApi } from '../server/testing/agentApi.ts';
import { SeatedAgent } from '../server/testing/agentCrowd.ts';
import { findClaudeCode } from '../server/testing/claudeCode.ts';
import { postmasterPid } from '../server/testing/instances.ts';
import { childrenOf } from '../server/testing/processes.ts';
import { cpuSecondsOf, memoryOf, sum, treeOf, type Memory } from '../server/testing/processCost.ts';
import { startStack, type Stack } from '../server/testing/stack.ts';
import { machine } from './bench/report.ts';

const { values } = parseArgs({
  options: {
    agents: { type: 'string', default: '1,4,12' },
    /** Answers that each agent has given before it is measured. */
    turns: { type: 'string', default: '1' },
    /** How long CPU is counted, idle and answering. */
    seconds: { type: 'string', default: '30' },
    shells: { type: 'string', default: '12' },
  },
});
const seconds = Number(values.seconds);
/** About as fast as a model writes. */
const PIECE_MS = 40;
const PIECES_PER_PARAGRAPH = 8;

/** By role; `agents` are the programs in the terminals, each with what it started. */
function processesOf(stack: Stack): Record<string, number[]> {
  const pid = (role: Parameters<Stack['processes']['get']>[0]) => stack.processes.get(role).pid;
  return {
    agents: childrenOf(pid('backend-1.host')).flatMap(treeOf),
    'pty host': [pid('backend-1.host')],
    screens: [pid('backend-1.screens')],
    backend: [pid('backend-1')],
    frontend: [pid('frontend')],
    PostgreSQL: treeOf(postmasterPid(stack)),
  };
}

const mapValues = <In, Out>(record: Record<string, In>, change: (value: In) => Out) =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
const megabytes = (bytes: number) => (bytes / 1e6).toFixed(0).padStart(9);
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function printMemory(title: string, stack: Stack, agents: number): void {
  const used: Record<string, Memory> = mapValues(processesOf(stack), memoryOf);
  const rows = { ...used, all: sum(Object.values(used)) };
  console.log(`\n${title.padEnd(34)} resident  proport. anonymous  MB`);
  for (const [name, { resident, proportional, anonymous }] of Object.entries(rows))
    console.log(`  ${name.padEnd(32)}${[resident, proportional, anonymous].map(megabytes).join(' ')}`);
  const each = mapValues({ ...used['agents']! }, (bytes: number) => bytes / agents);
  console.log(`  ${'each in a terminal'.padEnd(32)}${Object.values(each).map(megabytes).join(' ')}`);
}

/** Seconds of CPU for a minute of each agent's time, over `seconds`. */
async function printCpu(title: string, stack: Stack, agents: number): Promise<void> {
  const before = mapValues(processesOf(stack), cpuSecondsOf);
  const startedAt = performance.now();
  await sleep(seconds * 1000);
  const minutes = (performance.now() - startedAt) / 60_000;
  const after = mapValues(processesOf(stack), cpuSecondsOf);
  const spent = Object.keys(after).map(
    (name) => `${name} ${((after[name]! - before[name]!) / minutes / agents).toFixed(2)}`,
  );
  console.log(`${title}, CPU seconds an agent and minute: ${spent.join(', ')}`);
}

async function onStack(work: (stack: Stack, api: AgentApi) => Promise<void>): Promise<void> {
  const paragraphs = Math.ceil(((seconds + 15) * 1000) / PIECE_MS / PIECES_PER_PARAGRAPH);
  const api = await AgentApi.start({ paragraphs, pieceMs: PIECE_MS });
  const stack = await startStack({ shards: 1 });
  try {
    await work(stack, api);
  } finally {
    await stack.remove();
    await api.close();
  }
}

const personOf = (number: number) => `person-${number}@example.com`;

async function measureAgents(count: number, program: string): Promise<void> {
  await onStack(async (stack, api) => {
    const agents: SeatedAgent[] = [];
    for (let i = 0; i < count; i++) agents.push(await SeatedAgent.start(stack.origin, personOf(i), program, api.url));
    try {
      printMemory(`${count} started`, stack, count);
      for (let turn = 1; turn < Number(values.turns); turn++) await everyoneAnswers(agents);
      await Promise.all(agents.map((agent) => agent.ask()));
      await sleep(5_000);
      await printCpu(`${count} answering`, stack, count);
      printMemory(`${count} answering`, stack, count);
      await Promise.all(agents.map((agent) => agent.answered()));
      await sleep(10_000);
      await printCpu(`${count} idle`, stack, count);
      printMemory(`${count} idle after answer ${values.turns}`, stack, count);
    } finally {
      for (const agent of agents) agent.end();
    }
  });
}

async function everyoneAnswers(agents: SeatedAgent[]): Promise<void> {
  await Promise.all(agents.map((agent) => agent.ask()));
  await Promise.all(agents.map((agent) => agent.answered()));
}

async function measureShells(count: number): Promise<void> {
  await onStack(async (stack) => {
    printMemory('nobody', stack, 1);
    const shells: SeatedAgent[] = [];
    for (let i = 0; i < count; i++) shells.push(await SeatedAgent.startShell(stack.origin, personOf(i)));
    printMemory(`${count} shells`, stack, count);
    await printCpu(`${count} shells`, stack, count);
    for (const shell of shells) shell.end();
  });
}

const claude = await findClaudeCode();
if ('missing' in claude) throw new Error(claude.missing);
console.log(machine());
if (Number(values.shells) > 0) await measureShells(Number(values.shells));
for (const count of values.agents.split(',').map(Number)) await measureAgents(count, claude.program);
process.exit(0);
