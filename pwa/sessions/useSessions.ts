/** The person's sessions over all shards: the list as last heard, and what can be done with one. */
import { computed, inject, shallowRef } from 'vue';
import type { InjectionKey } from 'vue';
import type { Session } from '../../protocol/sessions.ts';
import type { Exit } from '../../protocol/terminal.ts';
import { coalesce } from '../connection/coalesce.ts';
import type { Connection } from '../connection/connection.ts';
import { keepFact, pruneScreens } from '../connection/offlineStore.ts';
import { likelySize } from '../terminal/size.ts';
import { asSeen } from './loss.ts';
import type { PutAwayTerms } from './putAway.ts';
import { watchShards } from './shardWatch.ts';
import { plainName } from '../ui/apart.ts';
import { codeOf } from '../ui/errorText.ts';

export function createSessions(connection: Connection) {
  /** As last heard. */
  const rows = shallowRef<Session[]>([]);
  const lostShards = watchShards(connection, rows);
  const list = computed(() => rows.value.map((session) => plainName(asSeen(session, lostShards.value))));
  /** The server has answered since this window was opened. */
  const isFresh = shallowRef(false);
  /** When this window opened a session (performance.now()): its output is wanted from the first byte. */
  const openedAt = new Map<string, number>();
  /** Those that are being put away at this window's wish: it takes as long as storing them. */
  const leaving = shallowRef<ReadonlySet<string>>(new Set());

  void connection.facts.then(({ sessions }) => {
    if (!isFresh.value && sessions) set(sessions);
  });

  const hear = coalesce(async () => {
    try {
      const client = await connection.client;
      const askedAt = performance.now();
      const heard = await client.sessions.list();
      const isNewer = ({ id }: Session) =>
        (openedAt.get(id) ?? 0) > askedAt && !heard.some((session) => session.id === id);
      set([...heard, ...rows.value.filter(isNewer)]);
      isFresh.value = true;
      pruneScreens(new Set(rows.value.map(({ id }) => id)));
    } catch {
      // What was heard last stays on the screen; the status bar says how the connection stands.
    }
  });
  connection.onChanged((subject) => {
    if (subject === 'sessions') void hear();
  });

  function set(sessions: Session[]) {
    rows.value = sessions;
    keepFact('sessions', sessions);
  }

  function put(session: Session) {
    const others = rows.value.filter(({ id }) => id !== session.id);
    set([...others, session]);
  }

  const find = (id: string) => list.value.find((session) => session.id === id) ?? null;

  async function open(projectId: string | null): Promise<Session> {
    const client = await connection.client;
    const session = await client.sessions
      .open({ ...likelySize(), ...(projectId ? { projectId } : {}) })
      .catch((error: unknown) => {
        if (codeOf(error) === 'shard.full') void connection.refresh(); // which waits for a place
        throw error;
      });
    if (session.shardId !== connection.assignment.value?.shardId) void connection.refresh();
    openedAt.set(session.id, performance.now());
    put(session);
    // Asked once there is something to lose; the browser decides, and may say no.
    void navigator.storage?.persist?.().catch(() => {});
    return session;
  }

  async function rename(id: string, name: string) {
    put(await (await connection.client).sessions.rename(id, name));
  }

  async function close(id: string) {
    await (await connection.client).sessions.close(id);
    set(rows.value.filter((session) => session.id !== id));
  }

  /** Rejects with the server's code, and the session goes on; see `doubtOf`. */
  async function putAway({ id, incarnation }: Session, terms: PutAwayTerms) {
    if (leaving.value.has(id)) return;
    leaving.value = new Set([...leaving.value, id]);
    try {
      put(await (await connection.client).sessions.putAway(id, { incarnation, ...terms }));
    } catch (error) {
      void hear();
      throw error;
    } finally {
      leaving.value = new Set([...leaving.value].filter((other) => other !== id));
    }
  }

  /**
   * The next life of a session that was lost or put away, below its old lines. Rejects with the server's code; when somebody else revived it,
   * or its shard is back, the list is heard again.
   * @param isFresh an agent whose conversation is gone may begin a new one
   */
  async function revive({ id, incarnation }: Session, isFresh: boolean) {
    const [{ reviveSession }, client] = await Promise.all([connection.library, connection.client]);
    try {
      put(await client.call(reviveSession, { sessionId: id, incarnation, fresh: isFresh, ...likelySize() }));
    } catch (error) {
      void hear();
      throw error;
    }
  }

  /** The terminal hears of an end before the list does. */
  function markExited(id: string, exit: Exit) {
    const session = find(id);
    if (!session || session.state === 'exited') return;
    put({
      ...session,
      state: 'exited',
      exitCode: exit.code,
      exitSignal: exit.signal,
      endedAt: new Date().toISOString(),
    });
  }

  return {
    list,
    /** Shards that are lost, while somebody waits for one. */
    lostShards,
    isFresh,
    find,
    /** Asks the server for the list anew; resolves when it was heard, or could not be had. */
    hear,
    isNew: (id: string) => openedAt.has(id),
    open,
    rename,
    close,
    leaving,
    putAway,
    revive,
    markExited,
  };
}

export type SessionList = ReturnType<typeof createSessions>;
export const sessionsKey: InjectionKey<SessionList> = Symbol('sessions');

export function useSessions(): SessionList {
  const sessions = inject(sessionsKey);
  if (!sessions) throw new Error('no sessions were provided');
  return sessions;
}
