/** Puts together how a backend hears what its sessions tell their people, and who is told of it. */
import type { Knex } from 'knex';
import { AttentionSockets } from './attention/attentionSockets.ts';
import { AttentionStore, SIGNAL_CHANNEL, type SignalNews } from './attention/attentionStore.ts';
import { Calls } from './attention/calls.ts';
import { Looks } from './attention/looks.ts';
import { Presence } from './attention/presence.ts';
import { SessionSignals, type SignalSource } from './attention/sessionSignals.ts';
import type { Clock } from './base/clock.ts';
import type { Log } from './base/log.ts';
import type { Database } from './database.ts';
import type { PreferenceStore } from './preferences/preferenceStore.ts';
import type { ProjectStore } from './projects/projectStore.ts';
import { agentOf } from './sessions/agents.ts';
import type { SessionRegistry } from './sessions/sessionRegistry.ts';
import type { HoldfastSocket, SocketServer } from './sockets/socketServer.ts';

export interface AttentionParts {
  knex: Knex;
  shardId: string;
  listen: Database['listen'];
  registry: SessionRegistry;
  sockets: SocketServer;
  preferences: Pick<PreferenceStore, 'list'>;
  projects: Pick<ProjectStore, 'get'>;
  clock: Clock;
  log: Log;
}

export interface Attention {
  connect(socket: HoldfastSocket): void;
  /** The session has ended, or is no longer ours. */
  forget(sessionId: string): void;
  close(): Promise<void>;
}

export function composeAttention(parts: AttentionParts): Attention {
  const { knex, registry, sockets, clock, log } = parts;
  const store = new AttentionStore(knex, parts.shardId);
  const looks = new Looks();
  const presence = new Presence(looks, store, clock, log);
  const calls = new Calls({
    store,
    presence,
    settingsOf: async (email) =>
      (await parts.preferences.list(email)).find(({ name }) => name === 'settings')?.value ?? {},
    projectNameOf: ({ projectId, ownerEmail }) => nameOf(parts.projects, ownerEmail, projectId),
    clock,
    log,
  });
  const deliver = ({ email, signal, seen }: SignalNews) => {
    if (signal) sockets.tellPerson(email, 'signals', { signals: [signal], isLate: false });
    if (seen) sockets.tellPerson(email, 'seen', seen);
  };
  const signals = new SessionSignals(looks, {
    // To our own windows at once, and to all shards: a window that is connected to several hears it once.
    tell: (news) => {
      if (news.seen) calls.forget(news.seen.sessionId); // what comes after a look is worth another call
      deliver(news);
      store.tell(news).catch((error: unknown) => log.debug({ err: error }, 'other shards could not be told'));
    },
    call: (session, signal) => void calls.consider(session, signal),
    now: () => clock.now(),
    agentName: (session) => agentOf(registry.get(session.id)?.command ?? [])?.name ?? null,
  });
  registry.screens.onSignal = (session, heard) => signals.heard(session satisfies SignalSource, heard);
  const listener = parts.listen(
    SIGNAL_CHANNEL,
    (payload) => payload !== null && deliver(JSON.parse(payload) as SignalNews),
  );
  const attentionSockets = new AttentionSockets(looks, presence, signals);
  return {
    connect: (socket) => attentionSockets.connect(socket),
    forget(sessionId) {
      signals.forget(sessionId);
      calls.forget(sessionId);
    },
    async close() {
      presence.close();
      await listener.close();
    },
  };
}

async function nameOf(
  projects: Pick<ProjectStore, 'get'>,
  ownerEmail: string,
  projectId: string | null,
): Promise<string | null> {
  return projectId === null ? null : (await projects.get(ownerEmail, projectId)).name;
}
