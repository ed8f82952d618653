/** Whether something goes on in a session that its person would not want to be ended unasked. */
import { basename } from 'node:path';
import { withDescendants, type ProcessTable } from '../base/processTable.ts';
import { agentOf } from './agents.ts';
import type { LiveSession } from './liveSession.ts';

/** An agent at work draws its progress several times a second. */
const QUIET_MS = 3_000;
/** At their prompt they wait for their person; what they run is a process of its own. */
const SHELLS = new Set(['sh', 'ash', 'bash', 'dash', 'fish', 'ksh', 'zsh', 'nu', 'pwsh']);

type Seen = Pick<LiveSession, 'id' | 'incarnation' | 'hostGeneration' | 'command'> & { feed: { pushedAt: number } };

/** A program that is neither a shell nor an agent is always at work, and so is everything where processes cannot be seen. */
export function isBusy({ command, feed, ...session }: Seen, table: ProcessTable, now: number): boolean {
  const waits = SHELLS.has(basename(command[0] ?? '')) && command.every((word, i) => i === 0 || /^-[il]+$/.test(word));
  const isAgent = agentOf(command) !== undefined;
  if (!waits && !isAgent) return true;
  if (isAgent && now - feed.pushedAt < QUIET_MS) return true;
  const mark = `${session.hostGeneration}/${session.id}/${session.incarnation}`;
  return withDescendants(table.all, ({ pid }) => table.markOf(pid) === mark).length !== 1;
}
