/** What people do with sessions, over all shards: open here, list, rename, close wherever they are. */
import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import type { z } from 'zod';
import { AppError } from '../../protocol/errors.ts';
import type { openSession, reviveSession, Session, StoredScreen } from '../../protocol/sessions.ts';
import type { Clock } from '../base/clock.ts';
import { look } from '../base/processTable.ts';
import type { Log } from '../base/log.ts';
import type { ProjectStore } from '../projects/projectStore.ts';
import type { ShardStore } from '../shards/shardStore.ts';
import type { SessionStates } from '../state/sessionStates.ts';
import { mayUse, type Caller } from './access.ts';
import { isBusy } from './activity.ts';
import { agentOf } from './agents.ts';
import type { Hibernation } from './hibernation.ts';
import { conversationIn, Launches, type LaunchesOptions } from './launches.ts';
import { toSession, type LiveSession } from './liveSession.ts';
import { OtherShards, type PutAwayInput } from './otherShards.ts';
import { goesOn, notFound } from './refusals.ts';
import { Reviver } from './reviver.ts';
import type { ScreenStore } from './screenStore.ts';
import type { SessionRegistry } from './sessionRegistry.ts';
import type { SessionSaver } from './sessionSaver.ts';
import type { SessionStore, StoredSession } from './sessionStore.ts';
import { isAtRest, StoredSessions } from './storedSessions.ts';
import type { Turns } from './turns.ts';

type OpenInput = z.output<typeof openSession.input>;
type ReviveInput = z.output<typeof reviveSession.input>;

export type HibernateArguments = Pick<PutAwayInput, 'incarnation' | 'evenIfNotStored' | 'onlyIfIdle'>;

export interface SessionServiceOptions extends LaunchesOptions {
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
  onChanged: (email: string) => void;
  clock: Clock;
  log: Log;
}

export class SessionService {
  #stored: StoredSessions;
  #launches: Launches;
  #others: OtherShards;
  #reviver: Reviver;

  constructor(private readonly options: SessionServiceOptions) {
    this.#stored = new StoredSessions(options.store);
    this.#launches = new Launches(options);
    this.#others = new OtherShards({ ...options, sessions: this.#stored });
    this.#reviver = new Reviver({ ...options, sessions: this.#stored, launches: this.#launches });
  }

  async list(caller: Caller): Promise<Session[]> {
    return (await this.options.store.list(caller.email)).map((session) => this.#fresh(session));
  }

  async get(caller: Caller, id: string): Promise<Session> {
    const live = this.options.registry.get(id);
    if (live && !mayUse(caller, live)) throw notFound();
    return this.#fresh(await this.#stored.get(caller, id));
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
    const command = input.command ?? this.#launches.commandOf(project);
    const agent = agentOf(command);
    const conversationId = agent ? randomUUID() : null;
    const argv = agent ? agent.start(command, conversationId!) : command;
    const plan = this.#launches.plan(caller, project, input.cwd, argv);
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
    await this.#stored.get(caller, id);
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
    else await this.#others.putAway(caller, input);
    return this.get(caller, id);
  }

  async putAwayHere(live: LiveSession, { incarnation, ...how }: HibernateArguments): Promise<void> {
    const { hibernation, shardId, clock } = this.options;
    if (live.incarnation !== incarnation) throw goesOn(shardId, live.incarnation);
    if (how.onlyIfIdle && isBusy(live, await look(), clock.now()))
      throw new AppError('session.busy', 'something runs in this session, and would be ended');
    await hibernation.putAway(live, how.evenIfNotStored);
  }

  /** Starts the next life of a session that was lost or put away here; what it throws is said at `Reviver.revive`. */
  revive(caller: Caller, input: ReviveInput): Promise<Session> {
    return this.#reviver.revive(caller, input);
  }

  /** Ends and forgets a session, wherever it is. */
  async close(caller: Caller, id: string): Promise<void> {
    const live = this.options.registry.get(id);
    if (live && !mayUse(caller, live)) throw notFound();
    if (live && (await this.closeHere(live))) return;
    const { store, shardId, turns } = this.options;
    await turns.when(id); // what is being put away here is stored to its end, and then forgotten
    const stored = await this.#stored.get(caller, id);
    // Also when the program has ended: its log and its screen are with the owner.
    const isElsewhere = stored.shardId !== shardId && !isAtRest(stored) && !(await store.deleteOrphan(id));
    if (isElsewhere) await this.#others.close(stored, caller);
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

  /** What the registry knows is newer than the row. */
  #fresh(stored: StoredSession): Session {
    const live = this.options.registry.get(stored.id);
    return live ? { ...toSession(live, this.options.shardId), name: stored.name } : stored;
  }
}
