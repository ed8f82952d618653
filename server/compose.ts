/** The one place that builds a backend: everything long-lived is made here, and handed what it needs. */
import { createServer } from 'node:http';
import { join } from 'node:path';
import { poolStatistics } from '../db/connect.ts';
import { AppError } from '../protocol/errors.ts';
import type { ChangedSubject } from '../protocol/terminal.ts';
import { backendApp } from './backendApp.ts';
import type { Clock } from './base/clock.ts';
import type { Log } from './base/log.ts';
import { sandboxProbe } from './base/sandboxes.ts';
import type { BackendConfig } from './config.ts';
import { openDatabase, translateDatabase } from './database.ts';
import { listen, stopListening, type RunningServer } from './http/listen.ts';
import { createVerifier } from './identity/assertion.ts';
import { requestVerifier } from './identity/requestVerifier.ts';
import { preferenceRoutes } from './preferences/preferenceRoutes.ts';
import { PreferenceStore } from './preferences/preferenceStore.ts';
import { projectRoutes } from './projects/projectRoutes.ts';
import { ProjectStore } from './projects/projectStore.ts';
import { workspaceOf, type Workspace } from './projects/workspace.ts';
import { openFiles } from './composeFiles.ts';
import { composeAttention, type Attention } from './composeAttention.ts';
import { openStates, peopleDirectoryOf } from './composeState.ts';
import { agentOf } from './sessions/agents.ts';
import { Checkpointer, type Checkpoints } from './sessions/checkpointer.ts';
import { CommandWorker } from './sessions/commandWorker.ts';
import { baseEnvironment } from './sessions/environment.ts';
import { unavailable } from './sessions/hostClient.ts';
import { Hibernation } from './sessions/hibernation.ts';
import { bornAt, hostAccess, type HostPlan } from './sessions/hostLauncher.ts';
import type { HostState } from './sessions/hostPulse.ts';
import { OrphanSweep } from './sessions/orphanSweep.ts';
import { OwnershipCheck } from './sessions/ownershipCheck.ts';
import { recordingRoutes } from './sessions/recordingRoutes.ts';
import { Recordings } from './sessions/recordings.ts';
import { ScreenSaver } from './sessions/screenSaver.ts';
import { ScreenStore } from './sessions/screenStore.ts';
import { SessionRegistry, type RegistryEvents } from './sessions/sessionRegistry.ts';
import { sessionRoutes } from './sessions/sessionRoutes.ts';
import { SessionSaver } from './sessions/sessionSaver.ts';
import { SessionService } from './sessions/sessionService.ts';
import { SessionSockets } from './sessions/sessionSocket.ts';
import { SessionStore } from './sessions/sessionStore.ts';
import { ShellIntegration } from './sessions/shellIntegration.ts';
import { Turns } from './sessions/turns.ts';
import { ChangeWatch } from './shards/changeWatch.ts';
import { Heartbeat } from './shards/heartbeat.ts';
import { ListStore } from './shards/listStore.ts';
import { ShardLease } from './shards/shardLease.ts';
import { shardRoutes } from './shards/shardRoutes.ts';
import { CHANGE_CHANNEL, COMMAND_CHANNEL, SHARD_CHANNEL, ShardStore } from './shards/shardStore.ts';
import type { SessionStates } from './state/sessionStates.ts';
import { SocketServer, type HoldfastSocket } from './sockets/socketServer.ts';

const STOP_GRACE_MS = 3_000;
/** Of the 15 s that a platform grants in all, for the screens and, at the same time, for what sessions need elsewhere. */
const SCREENS_GRACE_MS = 8_000;
const CHECKPOINTS_GRACE_MS = 8_000;
const MINUTE_MS = 60_000;

/** What touches the world beyond the database and the network. */
export interface World {
  clock: Clock;
  log: Log;
  /** argv of the pty host and of the screens process. */
  programs: { ptyHost: string[]; screens: string[] };
  /** The directory of what shells are made to read. */
  shellScripts: string;
  /** Another backend of this shard took over the pty host: this one can do nothing more. */
  onFenced: () => void;
}

export async function startBackend(config: BackendConfig, world: World): Promise<RunningServer> {
  const { clock, log } = world;
  const { SHARD_ID: shardId } = config;
  const database = openDatabase(config, clock);
  const { knex } = database;
  const shards = new ShardStore(knex);
  const store = new SessionStore(knex, shardId);
  const projects = new ProjectStore(knex);
  const peopleDirectory = peopleDirectoryOf(config);
  const workspaces = (email: string) => workspaceOf(email, { isSingleUser: config.SINGLE_USER, peopleDirectory });

  const verify = requestVerifier(
    await createVerifier(config.ASSERTION_PUBLIC_KEYS, config.APP_INSTANCE, clock),
    config.FRONTEND_SP_ID,
  );
  const sockets = new SocketServer(verify, (socket) => greet(socket), clock, log);
  /** To all shards; to our own people at least, when the database is away. */
  const announce = (email: string, subject: ChangedSubject) =>
    void shards.announce(email, subject).catch(() => sockets.changed(email, subject));

  const registry = new SessionRegistry(hostAccess(hostPlan(config, world), log), world.programs.screens, clock, log);
  const saver = new SessionSaver(
    {
      async save(session) {
        await registry.host.confirm(); // a backend that was frozen may have been replaced: what it knows is old then
        await store.save(session, session.hostGeneration);
      },
      delete: (id) => store.delete(id),
    },
    clock,
    log,
  );
  const screenStore = new ScreenStore(knex, shardId, config.SCREENS_KEY);
  const screenSaver = new ScreenSaver(() => registry.all, registry.screens, screenStore, clock, log);
  const states = await openStates(config, clock, log);
  const checkpointer = states && new Checkpointer(() => registry.all, checkpointsOf(states, workspaces), clock, log);
  const turns = new Turns();
  const hibernation = new Hibernation({
    registry,
    store,
    confirm: () => registry.host.confirm(),
    screens: screenSaver,
    checkpointer,
    turns,
    onChanged: (email) => announce(email, 'sessions'),
    clock,
    log,
  });
  const service = new SessionService({
    shardId,
    registry,
    store,
    saver,
    hibernation,
    turns,
    screens: screenStore,
    projects,
    shards,
    states,
    workspaceOf: workspaces,
    environment: baseEnvironment(config.environment),
    shell: config.SHELL,
    integration: new ShellIntegration(world.shellScripts, join(config.RUN_DIR, 'shells')),
    onChanged: (email) => announce(email, 'sessions'),
    clock,
    log,
  });
  const sessionSockets = new SessionSockets(registry, service, translateDatabase, clock, log);
  sessionSockets.onUnwatched = (session) => {
    screenSaver.unwatched(session);
    checkpointer?.unwatched(session);
  };
  const greet = (socket: HoldfastSocket) => {
    if (registry.hostState !== 'ok') socket.emit('host', { state: registry.hostState });
    sessionSockets.connect(socket);
    attention.connect(socket);
  };
  const preferences = new PreferenceStore(knex);
  const attention = composeAttention({
    knex,
    shardId,
    listen: (channel, onNotify) => database.listen(channel, onNotify),
    registry,
    sockets,
    preferences,
    projects,
    clock,
    log,
  });
  // Only while every host answers is it known which sessions live; a frozen one may have them all.
  const markLost = () =>
    void registry.host
      .confirm()
      .then(() => store.markLost(registry.ids))
      .then(
        (count) => count > 0 && log.warn({ count }, 'sessions were lost with an earlier pty host'),
        (error: unknown) => log.warn({ err: error }, 'lost sessions could not be marked yet'),
      );
  /** What an earlier life of this backend began to put away. */
  const finishHibernations = () =>
    registry.host
      .confirm()
      .then(() => hibernation.finishOthers())
      .catch((error: unknown) => log.debug({ err: error }, 'what was being put away could not be finished yet'));
  const onHostState = (state: HostState) => {
    sockets.tellAll('host', { state });
    if (state === 'ok') markLost();
  };
  registry.events = registryEvents({
    hibernation,
    saver,
    screenSaver,
    checkpointer,
    sessionSockets,
    attention,
    announce,
    onHost: markLost,
    onHostState,
    onFenced: world.onFenced,
  });
  await registry.open();

  const changes = new ChangeWatch(
    new ListStore(knex),
    () => sockets.connections.people,
    (email, subject) => sockets.changed(email, subject),
    clock,
    log,
  );
  const commands = new CommandWorker(shardId, shards, registry, service, clock, log);
  const listeners = [
    database.listen(COMMAND_CHANNEL, (payload) => (payload === null || payload === shardId) && void commands.wake()),
    database.listen(CHANGE_CHANNEL, (payload) => (payload === null ? changes.reconnected() : changes.rung(payload))),
    database.listen(SHARD_CHANNEL, (payload) => payload === shardId && void lease.refresh()),
  ];
  const sweep = new OrphanSweep(
    store,
    {
      timeoutMs: config.ORPHAN_SESSION_TIMEOUT_MINUTES * MINUTE_MS,
      intervalMs: config.ORPHAN_CLEANUP_INTERVAL_MINUTES * MINUTE_MS,
      onMarked: (emails) => emails.forEach((email) => announce(email, 'sessions')),
    },
    clock,
    log,
  );
  const ownership = new OwnershipCheck({ shardId, store, registry, saver, hibernation, clock, log });
  /** With every renewal of the lease: whose sessions these are, and how long the database has been up. */
  const onBeat = (isAnswered: boolean) => {
    if (!isAnswered) return sweep.databaseFailed();
    sweep.databaseAnswered();
    void ownership.run();
    void finishHibernations();
  };
  const lease = new ShardLease(
    shards,
    () => ({ shardId, version: config.version, hostGeneration: registry.hostGeneration }),
    { onDraining: (isDraining) => sockets.setDraining(isDraining), onFenced: world.onFenced },
    log,
  );
  const heartbeat = new Heartbeat(() => told(lease.renew(), onBeat), markLost, clock, log);
  await heartbeat.start();

  const routers = [
    projectRoutes({ projects, workspaceOf: workspaces, onChanged: (email) => announce(email, 'projects') }),
    preferenceRoutes(preferences, (email) => announce(email, 'preferences')),
    sessionRoutes(service),
    ...(await openFiles(config, { registry, store, service, workspaceOf: workspaces })),
    recordingRoutes(new Recordings({ shardId, registry, store, directory: sessionLogs(config) }), log),
    shardRoutes(shards, config.SHARD_CAPACITY),
  ];
  const server = createServer(
    backendApp({
      config,
      registry,
      heartbeat,
      pool: () => poolStatistics(knex),
      sandboxes: sandboxProbe(),
      verify,
      sockets,
      routers,
      log,
      translate: translateDatabase,
    }),
  );
  sockets.attach(server);
  const port = await listen(server, config.PORT, config.HOST);
  log.info({ port }, 'backend is ready');

  return {
    port,
    /** The pty host goes on: the next backend adopts its sessions. */
    async stop() {
      heartbeat.close();
      sweep.close();
      commands.close();
      changes.close();
      saver.close();
      const screensStored = screenSaver.finish(SCREENS_GRACE_MS);
      const checkpointsStored = checkpointer?.finish(CHECKPOINTS_GRACE_MS);
      await sockets.close();
      await stopListening(server, STOP_GRACE_MS);
      const unstored = await screensStored;
      if (unstored.length > 0) log.warn({ sessions: unstored }, 'these screens were not stored in time');
      const unkept = (await checkpointsStored) ?? [];
      if (unkept.length > 0) log.warn({ sessions: unkept }, 'the last state of these was not stored in time');
      registry.close();
      await attention.close();
      await Promise.all(listeners.map((listener) => listener.close()));
      await knex.destroy();
    },
  };
}

/** Says whether `beat` was answered, and is what it is. */
function told(beat: Promise<void>, tell: (isAnswered: boolean) => void): Promise<void> {
  beat.then(
    () => tell(true),
    () => tell(false),
  );
  return beat;
}

interface EventTargets {
  hibernation: Hibernation;
  saver: SessionSaver;
  screenSaver: ScreenSaver;
  checkpointer: Checkpointer | undefined;
  sessionSockets: SessionSockets;
  attention: Attention;
  announce: (email: string, subject: 'sessions') => void;
  onHost: () => void;
  onHostState: (state: HostState) => void;
  onFenced: () => void;
}

function registryEvents(targets: EventTargets): RegistryEvents {
  const { hibernation, saver, screenSaver, checkpointer, sessionSockets, attention, announce } = targets;
  const { onHost, onHostState, onFenced } = targets;
  return {
    onChanged(session) {
      saver.changed(session);
      if (session.state !== 'running') attention.forget(session.id);
      // What is not forgotten now, with the database away, goes with the session.
      if (session.state === 'exited') hibernation.ended(session).catch(() => undefined);
      announce(session.ownerEmail, 'sessions');
    },
    onRemoved(session) {
      attention.forget(session.id);
      void checkpointer?.ended(session.id);
      sessionSockets.ended(session, new AppError('session.not_found', 'this session was closed'));
    },
    async onLost(session) {
      attention.forget(session.id);
      sessionSockets.ended(
        session,
        new AppError('session.not_running', 'this session was lost with the process that owned it'),
      );
      checkpointer?.lost(session);
      // First its screen: who revives it wants the last lines.
      await screenSaver.lost(session);
      saver.changed(session);
      announce(session.ownerEmail, 'sessions');
    },
    onInterrupted: (session) => sessionSockets.ended(session, unavailable()),
    onSurrendered(session, reason) {
      attention.forget(session.id);
      if (reason.code === 'session.not_found') void checkpointer?.ended(session.id);
      sessionSockets.ended(session, reason);
    },
    onHost,
    onHostState,
    onWritten: (sessionId, attachmentId, seq) => sessionSockets.written(sessionId, attachmentId, seq),
    onInputRefused: (sessionId, attachmentId, error) => sessionSockets.inputRefused(sessionId, attachmentId, error),
    onResized: (session, offset) => sessionSockets.resized(session, offset),
    onFenced,
  };
}

/** What the checkpointer stores of a session, by what its label says. */
function checkpointsOf(states: SessionStates, workspaces: (email: string) => Workspace): Checkpoints {
  return {
    checkpoint({ id: sessionId, incarnation, cwd, command, ownerEmail, conversation: known }, before) {
      const conversation = known ? agentOf(command)?.conversation(known.directory, known.id) : undefined;
      return states.checkpoint({ sessionId, incarnation, cwd, premises: workspaces(ownerEmail), conversation }, before);
    },
    forget: (sessionId) => states.forget(sessionId),
  };
}

/** Where the pty hosts of this shard, of every version, keep what sessions print. */
function sessionLogs({ HOLDFAST_HOME: home, SHARD_ID: shardId }: BackendConfig): string {
  return join(home, 'shards', shardId, 'sessions');
}

function hostPlan(config: BackendConfig, { programs }: World): HostPlan {
  const { SHARD_ID: shardId, HOLDFAST_HOME: home } = config;
  return {
    runDirectory: config.RUN_DIR,
    since: bornAt(),
    command: programs.ptyHost,
    env: { PATH: config.environment.PATH ?? '/usr/bin:/bin', LANG: 'C.UTF-8' },
    settings: {
      shardId,
      key: config.HOST_KEY,
      directory: sessionLogs(config),
      logFile: config.HOST_LOG === 'file' ? join(home, 'logs', `${shardId}.host.log`) : undefined,
      logLevel: config.LOG_LEVEL,
      logCapacityBytes: config.LOG_CAPACITY_BYTES,
    },
  };
}
