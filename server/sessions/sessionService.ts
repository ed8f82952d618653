/** What people do with sessions, over all shards: open here, list, rename, close wherever they are. */
import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import { AppError, isErrorCode } from '../../protocol/errors.ts';
import type { Project } from '../../protocol/projects.ts';
import type { openSession, putAwaySession, reviveSession, Session, StoredScreen } from '../../protocol/sessions.ts';
import type { Clock } from '../base/clock.ts';
import { look } from '../base/processTable.ts';
import type { Log } from '../base/log.ts';
import type { ProjectStore } from '../projects/projectStore.ts';
import {
  existingDirectory,
  findProgram,
  placeHere,
  prepare,
  projectDirectory,
  SESSION_DIRECTORY,
  type Workspace,
} from '../projects/workspace.ts';
import type { ShardStore } from '../shards/shardStore.ts';
import { mayUse, type Caller } from './access.ts';
import { isBusy } from './activity.ts';
import { agentOf, type Agent } from './agents.ts';
import { hasConversation } from '../state/agentFiles.ts';
import type { Restored, SessionStates } from '../state/sessionStates.ts';
import { sessionEnvironment, type BaseEnvironment } from './environment.ts';
import type { Hibernation } from './hibernation.ts';
import type { LiveSession } from './liveSession.ts';
import { unavailable } from './hostClient.ts';
import { preambleOf } from './preamble.ts';
import type { ScreenStore } from './screenStore.ts';
import type { SessionRegistry } from './sessionRegistry.ts';
import type { SessionSaver } from './sessionSaver.ts';
import type { SessionStore, StoredSession } from './sessionStore.ts';
import type { ShellIntegration } from './shellIntegration.ts';
import type { Turns } from './turns.ts';

type OpenInput = z.output<typeof openSession.input>;
type PutAwayInput = z.output<typeof putAwaySession.input>;
type ReviveInput = z.output<typeof reviveSession.input>;

export type HibernateArguments = Pick<PutAwayInput, 'incarnation' | 'evenIfNotStored' | 'onlyIfIdle'>;

export interface SessionServiceOptions {
  shardId: string;
  registry: SessionRegistry;
  store: SessionStore;
  saver: SessionSaver;
  hibernation: Pick<Hibernation, 'putAway'>;
  /** Closing and putting away do not meet. */
  turns: Turns;
  screens: ScreenStore;
  projects: ProjectStore;
  shards: ShardStore;
  /** Absent: nothing is kept for other shards. */
  states: Pick<SessionStates, 'restore' | 'forget'> | undefined;
  workspaceOf: (email: string) => Workspace;
  environment: BaseEnvironment;
  shell: string;
  integration: Pick<ShellIntegration, 'apply'>;
  onChanged: (email: string) => void;
  clock: Clock;
  log: Log;
}

/** How long a close waits for the owner on another shard; the command stays and is carried out when that one is back. */
const CLOSE_TIMEOUT_MS = 10_000;
const COMMAND_POLL_MS = 100;
/** Longer than the owner takes when all goes well, and shorter than a gateway waits. */
const PUT_AWAY_TIMEOUT_MS = 55_000;
/** A program has some seconds to end. */
const ENDING_WAIT_MS = 10_000;
/** A pty host that died is started again within moments: who revives what it had is not refused for that. */
const HOST_WAIT_MS = 5_000;
const HOST_POLL_MS = 50;

export class SessionService {
  constructor(private readonly options: SessionServiceOptions) {}

  async list(caller: Caller): Promise<Session[]> {
    return (await this.options.store.list(caller.email)).map((session) => this.#fresh(session));
  }

  async get(caller: Caller, id: string): Promise<Session> {
    const live = this.options.registry.get(id);
    if (live && !mayUse(caller, live)) throw notFound();
    return this.#fresh(await this.#stored(caller, id));
  }

  async rename(caller: Caller, id: string, name: string): Promise<Session> {
    const renamed = await this.options.store.rename(caller.email, id, name);
    if (!renamed) throw notFound();
    const live = this.options.registry.get(id);
    if (live) live.name = name;
    this.options.onChanged(caller.email);
    return this.#fresh(renamed);
  }

  async open(caller: Caller, input: OpenInput): Promise<Session> {
    const { store, registry, saver, shardId } = this.options;
    const project = input.projectId ? await this.options.projects.get(caller.email, input.projectId) : undefined;
    const sessionId = randomUUID();
    const command = input.command ?? commandOf(project, this.options.shell);
    const agent = agentOf(command);
    const conversationId = agent ? randomUUID() : null;
    const argv = agent ? agent.start(command, conversationId!) : command;
    const plan = this.#plan(caller, project, input.cwd, argv);
    const createdAt = new Date().toISOString();
    const { cwd } = plan;
    const { cols, rows } = input;
    const wanted = {
      id: sessionId,
      owner_email: caller.email,
      project_id: project?.id ?? null,
      incarnation: 1,
      host_generation: registry.hostGeneration,
      name: input.name ?? basename(command[0]!),
      command,
      cwd,
      cols,
      rows,
      created_at: new Date(createdAt),
      conversation_id: conversationId,
    };
    const name = await store.create(wanted, input.name === undefined);
    try {
      const conversation = conversationIn(agent, plan.env, conversationId);
      const label = {
        ownerEmail: caller.email,
        projectId: project?.id ?? null,
        name,
        command,
        conversation,
        createdAt,
      };
      const live = await registry.spawn({ sessionId, incarnation: 1, ...label, ...plan, cols, rows });
      saver.changed(live);
      this.options.log.info({ user: caller.email, session: sessionId }, 'session opened');
      this.options.onChanged(caller.email);
      return toSession(live, shardId);
    } catch (error) {
      await store.delete(sessionId).catch(() => undefined);
      throw error;
    }
  }

  /** @throws AppError `session.not_found`, `screen.not_stored` */
  async storedScreen(caller: Caller, id: string): Promise<StoredScreen> {
    await this.#stored(caller, id);
    const screen = await this.options.screens.find(id);
    if (!screen) throw new AppError('screen.not_stored', 'no screen of this session is stored');
    return screen;
  }

  /**
   * Puts a session away, wherever it is. Answered alike when it is already.
   * @throws AppError `session.not_found`, `session.revived`, `shard.unreachable`, `database.unavailable` and those of `Hibernation.putAway`
   */
  async putAway(caller: Caller, input: PutAwayInput): Promise<Session> {
    const { sessionId: id } = input;
    const live = this.options.registry.get(id);
    if (live && !mayUse(caller, live)) throw notFound();
    if (live) await this.putAwayHere(live, input);
    else await this.#putAwayElsewhere(caller, input);
    return this.get(caller, id);
  }

  async putAwayHere(live: LiveSession, { incarnation, ...how }: HibernateArguments): Promise<void> {
    const { hibernation, shardId, clock } = this.options;
    if (live.incarnation !== incarnation) throw goesOn(shardId, live.incarnation);
    if (how.onlyIfIdle && isBusy(live, await look(), clock.now()))
      throw new AppError('session.busy', 'something runs in this session, and would be ended');
    await hibernation.putAway(live, how.evenIfNotStored);
  }

  /**
   * Starts the next incarnation of a session that was lost or put away here. Everything that can be known is checked before the session becomes ours.
   * @throws AppError `session.not_found`, `session.revived`, `session.owner_alive`, `session.not_running`, those of `open`,
   *   `ptyhost.unavailable`, and unless `fresh` `session.agent_state_missing`, `state.unavailable` and `state.unreadable`
   */
  async revive(caller: Caller, input: ReviveInput): Promise<Session> {
    const { store, registry, saver, screens, shardId, clock, log } = this.options;
    const { sessionId, cols, rows } = input;
    const stored = await this.#putAwayWholly(caller, sessionId);
    if (stored.incarnation !== input.incarnation || stored.state === 'exited') throw notLost(stored, input.incarnation);
    if (registry.get(sessionId)) throw ownerAlive(shardId);
    const life = { sessionId, ownerEmail: caller.email, incarnation: input.incarnation };
    if (!(await store.isRevivable(life))) throw notLost(await this.#stored(caller, sessionId), input.incarnation);
    await this.#hostReady();
    const { project, plan, conversation, words } = await this.#revival(caller, stored, input.fresh);
    const conversationId = conversation?.id ?? null;
    const isWoken = stored.state === 'hibernated';
    const how = isWoken ? 'woken' : 'revived';
    const preamble = preambleOf({ lines: await screens.lines(sessionId), how, shardId, at: clock.now(), words });
    const claim = { ...life, conversationId, cols, rows };
    if (!(await store.revive(claim, registry.hostGeneration)))
      throw notLost(await this.#stored(caller, sessionId), input.incarnation);
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

  /** Ends and forgets a session, wherever it is. */
  async close(caller: Caller, id: string): Promise<void> {
    const live = this.options.registry.get(id);
    if (live && !mayUse(caller, live)) throw notFound();
    if (live && (await this.closeHere(live))) return;
    const { store, shardId, turns } = this.options;
    await turns.when(id); // what is being put away here is stored to its end, and then forgotten
    const stored = await this.#stored(caller, id);
    // Also when the program has ended: its log and its screen are with the owner.
    const isElsewhere = stored.shardId !== shardId && !isAtRest(stored) && !(await store.deleteOrphan(id));
    if (isElsewhere) await this.#closeElsewhere(stored, caller);
    await store.delete(id);
    if (!isElsewhere || stored.state === 'hibernated') this.#forget(id);
    this.options.onChanged(caller.email);
  }

  /** False when it was put away, or lost, before its turn came. */
  closeHere(live: LiveSession): Promise<boolean> {
    const { registry, saver, turns, log, onChanged } = this.options;
    return turns.take(live.id, async () => {
      if (registry.get(live.id) !== live) return false;
      await registry.remove(live);
      await saver.removed(live.id);
      log.info({ user: live.ownerEmail, session: live.id }, 'session closed');
      onChanged(live.ownerEmail);
      return true;
    });
  }

  /** Resolves when nothing is being ended here that bears this id. */
  whenAtRest(id: string): Promise<void> {
    return this.options.turns.when(id);
  }

  /** A closed session is never revived. Its owner does the same when it closes it. */
  #forget(id: string): void {
    this.options.states?.forget(id).catch((error: unknown) => {
      this.options.log.warn({ err: error, session: id }, 'a checkpoint that nobody needs was not deleted');
    });
  }

  /** Why a session that is not in this shard's registry cannot be attached to here. */
  async whyNotHere(caller: Caller, id: string): Promise<AppError> {
    const stored = await this.options.store.find(id);
    if (!mayUse(caller, stored)) return notFound();
    if (stored.state === 'hibernated')
      return new AppError('session.hibernated', 'this session was put away; wake it first');
    if (stored.shardId !== this.options.shardId) {
      return new AppError('session.wrong_shard', `this session lives on ${stored.shardId}`, {
        details: { shardId: stored.shardId, incarnation: String(stored.incarnation) },
      });
    }
    return new AppError('session.not_running', 'this session was lost with the process that owned it');
  }

  async #stored(caller: Caller, id: string): Promise<StoredSession> {
    const stored = await this.options.store.find(id);
    if (!mayUse(caller, stored)) throw notFound();
    return stored;
  }

  /** What the registry knows is newer than the row. */
  #fresh(stored: StoredSession): Session {
    const live = this.options.registry.get(stored.id);
    return live ? { ...toSession(live, this.options.shardId), name: stored.name } : stored;
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
    const plan = this.#plan(caller, project, cwd, argv);
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
    const { states, workspaceOf, environment, shell, log } = this.options;
    if (!states) return { words: [], isFound: false };
    const { cwd, project, agent, known } = wanted;
    const premises = workspaceOf(caller.email);
    prepare(premises);
    const env = sessionEnvironment(environment, premises, shell, project?.environment ?? {});
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

  /** Everything a pty is made of. The default directory is made when it is missing: a shard's disk may be a new one. */
  #plan(caller: Caller, project: Project | undefined, directory: string | undefined, argv: readonly string[]) {
    const workspace = this.options.workspaceOf(caller.email);
    prepare(workspace);
    const base = project ? projectDirectory(workspace, project.directory) : workspace.root;
    const cwd = directory ? existingDirectory(workspace, base, directory, SESSION_DIRECTORY) : base;
    const env = sessionEnvironment(this.options.environment, workspace, this.options.shell, project?.environment ?? {});
    const file = findProgram(argv[0]!, env.PATH ?? '', cwd);
    if (!file) throw new AppError('session.command_not_found', `there is no program ${argv[0]} that could be started`);
    return { cwd, file, ...this.options.integration.apply(file, { args: argv.slice(1), env }) };
  }

  /** @throws AppError `ptyhost.unavailable` */
  async #hostReady(): Promise<void> {
    const { registry } = this.options;
    for (const deadline = Date.now() + HOST_WAIT_MS; registry.hostState !== 'ok'; await sleep(HOST_POLL_MS)) {
      if (Date.now() > deadline) throw unavailable();
    }
  }

  async #closeElsewhere({ shardId, id: sessionId }: StoredSession, { email: requestedBy }: Caller): Promise<void> {
    const commandId = await this.options.shards.request('close', { shardId, sessionId, requestedBy });
    if (await this.#isCarriedOut(commandId, CLOSE_TIMEOUT_MS)) return;
    throw new AppError('shard.unreachable', `${shardId} does not answer; it will close the session when it is back`);
  }

  async #putAwayElsewhere(caller: Caller, { sessionId, ...how }: PutAwayInput): Promise<void> {
    const stored = await this.#putAwayWholly(caller, sessionId);
    const { shardId, state } = stored;
    if (stored.incarnation !== how.incarnation) throw goesOn(shardId, stored.incarnation);
    if (state === 'hibernated') return;
    if (state === 'exited' || state === 'lost' || shardId === this.options.shardId)
      throw new AppError('session.not_running', 'nothing runs in this session that could be put away');
    const requested = { shardId, sessionId, requestedBy: caller.email, arguments: how };
    const commandId = await this.options.shards.request('hibernate', requested);
    if (await this.#isCarriedOut(commandId, PUT_AWAY_TIMEOUT_MS)) return;
    throw new AppError(
      'shard.unreachable',
      `${shardId} has not said that the session is put away; the list will say it`,
    );
  }

  /** False when there is no answer in time. Throws what the owner answered. */
  async #isCarriedOut(commandId: string, limitMs: number): Promise<boolean> {
    for (const deadline = Date.now() + limitMs; Date.now() < deadline; await sleep(COMMAND_POLL_MS)) {
      const result = await this.options.shards.result(commandId);
      if (!result) continue;
      if (!result.error) return true;
      const { code, message } = result.error;
      throw new AppError(isErrorCode(code) ? code : 'internal', message);
    }
    return false;
  }

  /** The row of a session; while its owner is still ending its program, that is waited for. */
  async #putAwayWholly(caller: Caller, id: string): Promise<StoredSession> {
    for (const deadline = Date.now() + ENDING_WAIT_MS; ; await sleep(COMMAND_POLL_MS)) {
      const stored = await this.#stored(caller, id);
      if (stored.state !== 'hibernated' || isAtRest(stored) || Date.now() > deadline) return stored;
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

function conversationIn(agent: Agent | undefined, env: Record<string, string>, id: string | null) {
  return agent && id ? { id, directory: agent.directory(env) } : null;
}

function agentCommand(
  agent: Agent | undefined,
  command: readonly string[],
  { known, conversationId }: { known: string | null; conversationId: string | null },
): readonly string[] {
  if (!agent) return command;
  return known ? agent.resume(command, known) : agent.start(command, conversationId!);
}

function commandOf(project: Project | undefined, shell: string): string[] {
  if (project?.preset === 'custom' && project.command) return project.command;
  if (project?.preset === 'claude') return ['claude'];
  return [shell, '-l'];
}

function toSession(live: LiveSession, shardId: string): Session {
  const { id, projectId, incarnation, name, state, command, cwd, cols, rows, exit, createdAt, endedAt } = live;
  const exitCode = exit?.code ?? null;
  const exitSignal = exit?.signal ?? null;
  return {
    id,
    projectId,
    shardId,
    incarnation,
    name,
    state,
    command,
    cwd,
    cols,
    rows,
    exitCode,
    exitSignal,
    createdAt,
    endedAt,
  };
}

function notFound(): AppError {
  return new AppError('session.not_found', 'there is no such session');
}

function goesOn(shardId: string, incarnation: number): AppError {
  return new AppError('session.revived', `this session goes on at ${shardId}`, {
    details: { shardId, incarnation: String(incarnation) },
  });
}

/** Nothing of it is anywhere but in the database and the stores: lost, or put away to the end. */
function isAtRest({ state, endedAt }: StoredSession): boolean {
  return state === 'lost' || (state === 'hibernated' && endedAt !== null);
}

function ownerAlive(shardId: string): AppError {
  return new AppError('session.owner_alive', `${shardId}, which has this session, is alive`, { details: { shardId } });
}

/** Why `expected` of a session cannot be followed, by its row. */
function notLost({ shardId, incarnation, state }: StoredSession, expected: number): AppError {
  if (incarnation !== expected) return goesOn(shardId, incarnation);
  if (state === 'exited') return new AppError('session.not_running', 'its program has ended; open another session');
  if (state === 'hibernated')
    return new AppError('session.owner_alive', `${shardId} is ending its program still; wake it in a moment`);
  return ownerAlive(shardId);
}
