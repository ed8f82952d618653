/** What people do with sessions, over all shards: open here, list, rename, close wherever they are. */
import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import { AppError, isErrorCode } from '../../protocol/errors.ts';
import type { Project } from '../../protocol/projects.ts';
import type { openSession, Session } from '../../protocol/sessions.ts';
import type { Log } from '../base/log.ts';
import type { ProjectStore } from '../projects/projectStore.ts';
import {
  existingDirectory,
  findProgram,
  prepare,
  projectDirectory,
  SESSION_DIRECTORY,
  type Workspace,
} from '../projects/workspace.ts';
import type { ShardStore } from '../shards/shardStore.ts';
import { mayUse, type Caller } from './access.ts';
import { sessionEnvironment, type BaseEnvironment } from './environment.ts';
import type { LiveSession } from './liveSession.ts';
import type { SessionRegistry } from './sessionRegistry.ts';
import type { SessionSaver } from './sessionSaver.ts';
import type { SessionStore, StoredSession } from './sessionStore.ts';

type OpenInput = z.output<typeof openSession.input>;

export interface SessionServiceOptions {
  shardId: string;
  registry: SessionRegistry;
  store: SessionStore;
  saver: SessionSaver;
  projects: ProjectStore;
  shards: ShardStore;
  workspaceOf: (email: string) => Workspace;
  environment: BaseEnvironment;
  shell: string;
  onChanged: (email: string) => void;
  log: Log;
}

/** How long a close waits for the owner on another shard; the command stays and is carried out when that one is back. */
const CLOSE_TIMEOUT_MS = 10_000;
const CLOSE_POLL_MS = 100;

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
    const taken = (await store.list(caller.email)).map((one) => one.name);
    const project = input.projectId ? await this.options.projects.get(caller.email, input.projectId) : undefined;
    const sessionId = randomUUID();
    const plan = this.#plan(caller, input, project, sessionId);
    const name = input.name ?? freeName(basename(plan.command[0]!), taken);
    const createdAt = new Date().toISOString();
    const { command, cwd } = plan;
    const { cols, rows } = input;
    await store.create({
      id: sessionId,
      owner_email: caller.email,
      project_id: project?.id ?? null,
      incarnation: 1,
      host_generation: registry.hostGeneration,
      name,
      command,
      cwd,
      cols,
      rows,
      created_at: new Date(createdAt),
    });
    try {
      const label = { ownerEmail: caller.email, projectId: project?.id ?? null, name, command, cwd, createdAt };
      const live = await registry.spawn({ sessionId, ...label, ...plan, cols, rows });
      saver.changed(live);
      this.options.log.info({ user: caller.email, session: sessionId }, 'session opened');
      this.options.onChanged(caller.email);
      return toSession(live, shardId);
    } catch (error) {
      await store.delete(sessionId).catch(() => undefined);
      throw error;
    }
  }

  /** Ends and forgets a session, wherever it is. */
  async close(caller: Caller, id: string): Promise<void> {
    const live = this.options.registry.get(id);
    if (live && !mayUse(caller, live)) throw notFound();
    if (live) return this.closeHere(live);
    const stored = await this.#stored(caller, id);
    // Also when the program has ended: its log and its screen are with the owner.
    const isElsewhere = stored.shardId !== this.options.shardId && stored.state !== 'lost';
    if (isElsewhere) await this.#closeElsewhere(stored, caller);
    await this.options.store.delete(id);
    this.options.onChanged(caller.email);
  }

  async closeHere(live: LiveSession): Promise<void> {
    await this.options.registry.remove(live);
    this.options.saver.removed(live.id);
    this.options.log.info({ user: live.ownerEmail, session: live.id }, 'session closed');
    this.options.onChanged(live.ownerEmail);
  }

  /** Why a session that is not in this shard's registry cannot be attached to here. */
  async whyNotHere(caller: Caller, id: string): Promise<AppError> {
    const stored = await this.options.store.find(id);
    if (!mayUse(caller, stored)) return notFound();
    if (stored.shardId !== this.options.shardId) {
      return new AppError('session.wrong_shard', `this session lives on ${stored.shardId}`, {
        details: { shardId: stored.shardId },
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

  #plan(caller: Caller, input: OpenInput, project: Project | undefined, sessionId: string) {
    const workspace = this.options.workspaceOf(caller.email);
    prepare(workspace);
    const base = project ? projectDirectory(workspace, project.directory) : workspace.root;
    const cwd = input.cwd ? existingDirectory(workspace, base, input.cwd, SESSION_DIRECTORY) : base;
    const env = sessionEnvironment(this.options.environment, workspace, this.options.shell, project?.environment ?? {});
    const command = input.command ?? commandOf(project, this.options.shell, sessionId);
    const file = findProgram(command[0]!, env.PATH ?? '', cwd);
    if (!file)
      throw new AppError('session.command_not_found', `there is no program ${command[0]} that could be started`);
    return { command, cwd, env, file, args: command.slice(1) };
  }

  async #closeElsewhere(stored: StoredSession, caller: Caller): Promise<void> {
    const { shards } = this.options;
    const commandId = await shards.requestClose(stored.shardId, stored.id, caller.email);
    for (const deadline = Date.now() + CLOSE_TIMEOUT_MS; Date.now() < deadline; await sleep(CLOSE_POLL_MS)) {
      const result = await shards.result(commandId);
      if (!result) continue;
      if (!result.error) return;
      const { code, message } = result.error;
      throw new AppError(isErrorCode(code) ? code : 'internal', message);
    }
    throw new AppError(
      'shard.unreachable',
      `${stored.shardId} does not answer; it will close the session when it is back`,
    );
  }
}

/** `bash`, and when there is one already `bash 2`. */
function freeName(name: string, taken: readonly string[]): string {
  const names = new Set(taken);
  for (let number = 2, candidate = name; ; candidate = `${name} ${number++}`)
    if (!names.has(candidate)) return candidate;
}

/** An agent is started with a conversation id of ours, so that it can be resumed by it. */
function commandOf(project: Project | undefined, shell: string, sessionId: string): string[] {
  if (project?.preset === 'custom' && project.command) return project.command;
  if (project?.preset === 'claude') return ['claude', '--session-id', sessionId];
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
