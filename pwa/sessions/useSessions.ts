/** The person's sessions over all shards: the list as last heard, and what can be done with one. */
import { inject, shallowRef } from 'vue';
import type { InjectionKey } from 'vue';
import type { Session } from '../../protocol/sessions.ts';
import type { Exit } from '../../protocol/terminal.ts';
import { coalesce } from '../connection/coalesce.ts';
import type { Connection } from '../connection/connection.ts';
import { keepFact, pruneScreens } from '../connection/offlineStore.ts';
import { likelySize } from '../terminal/size.ts';

export function createSessions(connection: Connection) {
  const list = shallowRef<Session[]>([]);
  /** The server has answered since this window was opened. */
  const isFresh = shallowRef(false);
  /** When this window opened a session (performance.now()): its output is wanted from the first byte. */
  const openedAt = new Map<string, number>();

  void connection.facts.then(({ sessions }) => {
    if (!isFresh.value && sessions) set(sessions);
  });

  const fetch = coalesce(async () => {
    try {
      const client = await connection.client;
      const askedAt = performance.now();
      const heard = await client.sessions.list();
      const isNewer = ({ id }: Session) =>
        (openedAt.get(id) ?? 0) > askedAt && !heard.some((session) => session.id === id);
      set([...heard, ...list.value.filter(isNewer)]);
      isFresh.value = true;
      pruneScreens(new Set(list.value.map(({ id }) => id)));
    } catch {
      // What was heard last stays on the screen; the status bar says how the connection stands.
    }
  });
  connection.onChanged((subject) => {
    if (subject === 'sessions') void fetch();
  });

  function set(sessions: Session[]) {
    list.value = sessions;
    keepFact('sessions', sessions);
  }

  function put(session: Session) {
    const others = list.value.filter(({ id }) => id !== session.id);
    set([...others, session]);
  }

  const find = (id: string) => list.value.find((session) => session.id === id) ?? null;

  async function open(projectId: string | null): Promise<Session> {
    const client = await connection.client;
    const session = await client.sessions.open({ ...likelySize(), ...(projectId ? { projectId } : {}) });
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
    set(list.value.filter((session) => session.id !== id));
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

  return { list, isFresh, find, isNew: (id: string) => openedAt.has(id), open, rename, close, markExited };
}

export type SessionList = ReturnType<typeof createSessions>;
export const sessionsKey: InjectionKey<SessionList> = Symbol('sessions');

export function useSessions(): SessionList {
  const sessions = inject(sessionsKey);
  if (!sessions) throw new Error('no sessions were provided');
  return sessions;
}
