/** The next life of a session that was lost or put away: what was stored of it is brought here, and it becomes ours. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import { AppError } from '../../protocol/errors.ts';
import type { Project } from '../../protocol/projects.ts';
import type { reviveSession, Session } from '../../protocol/sessions.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { ProjectStore } from '../projects/projectStore.ts';
import { placeHere, type Workspace } from '../projects/workspace.ts';
import { hasConversation } from '../state/agentFiles.ts';
import type { Restored, SessionStates } from '../state/sessionStates.ts';
import type { Caller } from './access.ts';
import { agentOf, type Agent } from './agents.ts';
import { unavailable } from './hostClient.ts';
import { conversationIn, type Launches } from './launches.ts';
import { toSession } from './liveSession.ts';
import { preambleOf } from './preamble.ts';
import { notLost, ownerAlive } from './refusals.ts';
import type { ScreenStore } from './screenStore.ts';
import type { SessionRegistry } from './sessionRegistry.ts';
import type { SessionSaver } from './sessionSaver.ts';
import type { SessionStore, StoredSession } from './sessionStore.ts';
import type { StoredSessions } from './storedSessions.ts';

type ReviveInput = z.output<typeof reviveSession.input>;

/** A pty host that died is started again within moments: who revives what it had is not refused for that. */
const HOST_WAIT_MS = 5_000;
const HOST_POLL_MS = 50;

export interface ReviverOptions {
  shardId: string;
  registry: SessionRegistry;
  store: SessionStore;
  sessions: StoredSessions;
  saver: SessionSaver;
  screens: ScreenStore;
  projects: ProjectStore;
  /** Absent: nothing is kept for other shards. */
  states: Pick<SessionStates, 'restore'> | undefined;
  launches: Launches;
  workspaceOf: (email: string) => Workspace;
  onChanged: (email: string) => void;
  clock: Clock;
  log: Log;
}

export class Reviver {
  constructor(private readonly options: ReviverOptions) {}

  /**
   * Starts the next incarnation of a session that was lost or put away here. Everything that can be known is checked before the session becomes ours.
   * @throws AppError `session.not_found`, `session.revived`, `session.owner_alive`, `session.not_running`, those of `open`,
   *   `ptyhost.unavailable`, and unless `fresh` `session.agent_state_missing`, `state.unavailable` and `state.unreadable`
   */
  async revive(caller: Caller, input: ReviveInput): Promise<Session> {
    const { store, registry, saver, screens, sessions, shardId, clock, log } = this.options;
    const { sessionId, cols, rows } = input;
    const stored = await sessions.settled(caller, sessionId);
    if (stored.incarnation !== input.incarnation || stored.state === 'exited') throw notLost(stored, input.incarnation);
    if (registry.get(sessionId)) throw ownerAlive(shardId);
    const life = { sessionId, ownerEmail: caller.email, incarnation: input.incarnation };
    if (!(await store.isRevivable(life))) throw notLost(await sessions.get(caller, sessionId), input.incarnation);
    await this.#hostReady();
    const { project, plan, conversation, words } = await this.#revival(caller, stored, input.fresh);
    const conversationId = conversation?.id ?? null;
    const isWoken = stored.state === 'hibernated';
    const how = isWoken ? 'woken' : 'revived';
    const preamble = preambleOf({ lines: await screens.lines(sessionId), how, shardId, at: clock.now(), words });
    const claim = { ...life, conversationId, cols, rows };
    if (!(await store.revive(claim, registry.hostGeneration)))
      throw notLost(await sessions.get(caller, sessionId), input.incarnation);
    const incarnation = input.incarnation + 1;
    try {
      const { name, command, createdAt } = stored;
      const label = {
        ownerEmail: caller.email,
        projectId: project?.id ?? null,
        name,
        command,
        conversation,
        createdAt,
      };
      const live = await registry.spawn({ sessionId, incarnation, preamble, ...label, ...plan, cols, rows });
      saver.changed(live);
      log.info({ user: caller.email, session: sessionId, incarnation, from: stored.shardId }, `session ${how}`);
      return toSession(live, shardId);
    } catch (error) {
      log.error({ err: error, session: sessionId, incarnation }, `a session was not ${how}`);
      await store.reviveFailed(sessionId, incarnation, isWoken).catch(() => undefined);
      throw error;
    } finally {
      this.options.onChanged(caller.email);
    }
  }

  /** What runs next in a lost session: its own command, or its agent at the conversation where it was. */
  async #revival(caller: Caller, stored: StoredSession, isFresh: boolean) {
    const project = stored.projectId ? await this.options.projects.get(caller.email, stored.projectId) : undefined;
    const cwd = placeHere(this.options.workspaceOf(caller.email), stored.cwd);
    const agent = agentOf(stored.command);
    const known = agent && !isFresh ? stored.conversationId : null;
    const { words, isFound } = await this.#restored(caller, stored, { cwd, project, agent, known });
    const conversationId = agent ? (known ?? randomUUID()) : null;
    const argv = agentCommand(agent, stored.command, { known, conversationId });
    const plan = this.options.launches.plan(caller, project, cwd, argv);
    const conversation = conversationIn(agent, plan.env, conversationId);
    if (agent && !isFresh && !(known && (await hasConversation(agent.conversation(conversation!.directory, known))))) {
      const why = isFound ? 'what was stored has no record of it' : 'nothing of it was stored';
      const { shardId } = this.options;
      throw new AppError(
        'session.agent_state_missing',
        `${agent.name} has no record of this conversation on ${shardId}, and ${why}; only a new one can be started here`,
      );
    }
    return { project, plan, conversation, words };
  }

  /**
   * Brings here what was stored of the session. Without an agent's conversation there is no going on, so a store that is away is
   * told then; everything else goes on without it.
   */
  async #restored(caller: Caller, stored: StoredSession, wanted: Wanted): Promise<Restored> {
    const { states, launches, log } = this.options;
    if (!states) return { words: [], isFound: false };
    const { cwd, project, agent, known } = wanted;
    const { workspace: premises, env } = launches.premises(caller, project);
    const conversation = agent && known ? agent.conversation(agent.directory(env), known) : undefined;
    const life = { sessionId: stored.id, incarnation: stored.incarnation };
    try {
      return await states.restore({ ...life, cwd, premises, conversation });
    } catch (error) {
      log.warn({ err: error, session: stored.id }, 'what was stored of a session could not be fetched');
      if (conversation && !(await hasConversation(conversation))) throw error;
      const reason = error instanceof AppError ? error.message : 'it could not be put back';
      return { words: [`What was stored of this session is not here: ${reason}.`], isFound: false };
    }
  }

  /** @throws AppError `ptyhost.unavailable` */
  async #hostReady(): Promise<void> {
    const { registry } = this.options;
    for (const deadline = Date.now() + HOST_WAIT_MS; registry.hostState !== 'ok'; await sleep(HOST_POLL_MS)) {
      if (Date.now() > deadline) throw unavailable();
    }
  }
}

interface Wanted {
  cwd: string;
  project: Project | undefined;
  agent: Agent | undefined;
  /** The conversation to be taken up again. */
  known: string | null;
}

function agentCommand(
  agent: Agent | undefined,
  command: readonly string[],
  { known, conversationId }: { known: string | null; conversationId: string | null },
): readonly string[] {
  if (!agent) return command;
  return known ? agent.resume(command, known) : agent.start(command, conversationId!);
}
