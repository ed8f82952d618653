import { expect, test } from 'vitest';
import type { ProcessFacts, ProcessTable } from '../base/processTable.ts';
import { isBusy } from './activity.ts';

/** Processes by pid: whose child each is, and what it is marked with. */
function tableOf(processes: Record<number, { parent: number; mark?: string }>): ProcessTable {
  const all = Object.entries(processes).map(([pid, { parent }]) => ({ pid: Number(pid), parent }) as ProcessFacts);
  return { all, markOf: (pid: number) => processes[pid]?.mark ?? '' } as unknown as ProcessTable;
}

const MINE = 'g/s/2';
const seen = (command: string[], pushedAt = 0) => ({
  ...{ id: 's', incarnation: 2, hostGeneration: 'g', command },
  feed: { pushedAt },
});
const alone = tableOf({ 1: { parent: 0 }, 7: { parent: 1, mark: MINE }, 8: { parent: 1, mark: 'g/other/2' } });
const withChild = tableOf({ 7: { parent: 1, mark: MINE }, 9: { parent: 7 } });
const strayed = tableOf({ 7: { parent: 1, mark: MINE }, 9: { parent: 1, mark: MINE } });

test.each([
  { what: 'a shell at its prompt', command: ['/bin/bash', '-l'], table: alone, busy: false },
  { what: 'an agent that waits', command: ['claude', '--verbose'], table: alone, busy: false },
  { what: 'a shell that runs something', command: ['bash'], table: withChild, busy: true },
  { what: 'a shell that left something running', command: ['bash'], table: strayed, busy: true },
  { what: 'an agent that runs a tool', command: ['claude'], table: withChild, busy: true },
  { what: 'another program', command: ['htop'], table: alone, busy: true },
  { what: 'a shell with a script', command: ['sh', '-c', 'make'], table: alone, busy: true },
  { what: 'a shell that printed a moment ago', command: ['sh'], pushedAt: 9_000, table: alone, busy: false },
  { what: 'an agent that printed a moment ago', command: ['claude'], pushedAt: 9_000, table: alone, busy: true },
  { what: 'what cannot be seen', command: ['bash'], table: tableOf({}), busy: true },
])('$what is busy: $busy', ({ command, pushedAt, table, busy }) => {
  expect(isBusy(seen(command, pushedAt), table, 10_000)).toBe(busy);
});
