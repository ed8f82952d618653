/** The one client of this window: opens it from what is stored, keeps what the server answers, and tells the app how the connection stands. */
import { shallowRef } from 'vue';
import type { ConnectionStatus, Holdfast } from '../../client/types.ts';
import type { AppConfig, Assignment, Me, StoredAssignment } from '../../protocol/identity.ts';
import { codeOf, isAuthError, sentenceOf } from '../ui/errorText.ts';
import { painted } from '../ui/painted.ts';
import { ASSIGNMENT_KEY, asAssignment, chooseAssignment, parseAssignment, renewAssignment } from './assignment.ts';
import { createChangeNews } from './changeNews.ts';
import { keepFact, readFacts } from './offlineStore.ts';
import { forgetPerson, isMarkedSignedOut, markSignedOut } from './traces.ts';
import { localStore } from '../ui/browserStorage.ts';

export type Person =
  /** Nothing is known yet. */
  | { state: 'opening' }
  /** Nothing is known, and no server answers. */
  | { state: 'unreachable' }
  | { state: 'signed_out'; why: 'nobody' | 'expired' | 'chosen' }
  | { state: 'known'; me: Me };

/** Without a stored assignment, or without a place on any shard, nobody else retries for us; nor is a shard that is away asked for more often. */
const RETRY_MS = 3_000;

export function createConnection() {
  const person = shallowRef<Person>({ state: 'opening' });
  const shards = shallowRef<ConnectionStatus[]>([]);
  const assignment = shallowRef<StoredAssignment | null>(null);
  const config = shallowRef<AppConfig | null>(null);
  /** Why no shard has a place for this person just now, in a sentence; null while one has. */
  const full = shallowRef<string | null>(null);
  let placeTimer: ReturnType<typeof setTimeout> | undefined;
  let askedAt = 0;
  const news = createChangeNews();
  const channel = new BroadcastChannel('holdfast');
  const facts = readFacts();
  const library = painted.then(() => import('./library.ts'));
  /** For questions before there is a shard to connect to; it connects to nothing. */
  const caller = library.then(({ openHoldfast }) => openHoldfast({ url: location.origin }));
  const client = facts.then(start);
  client.catch(() => {}); // whoever awaits it is told; nobody else must be

  async function start(known: Awaited<typeof facts>): Promise<Holdfast> {
    const email = known.me?.email ?? null;
    const stored = parseAssignment(localStore.get(ASSIGNMENT_KEY));
    assignment.value = chooseAssignment(email, stored, asAssignment(known.assignment));
    if (assignment.value) store(assignment.value);
    config.value = known.config ?? null;
    if (known.me && !isMarkedSignedOut()) person.value = { state: 'known', me: known.me };
    if (assignment.value) void refresh();
    else await firstAssignment();
    const { openHoldfast } = await library;
    const { shardId: id, url } = assignment.value!;
    return openHoldfast({ url: location.origin, shard: { id, url }, onConnection: heard, onChanged: news.tell });
  }

  /** Somebody new here, or everything was cleared: nothing can be connected to before the server was asked. */
  async function firstAssignment(): Promise<void> {
    for (;;) {
      await refresh();
      if (assignment.value) return;
      // Signing in loads the page anew, here or by a word from another window.
      if (person.value.state === 'signed_out') return new Promise<never>(() => {});
      await delay(RETRY_MS);
    }
  }

  function heard(status: ConnectionStatus) {
    const before = shards.value.find(({ shardId }) => shardId === status.shardId);
    // The object itself: the client goes on noting in it when the last message came.
    shards.value = [...shards.value.filter(({ shardId }) => shardId !== status.shardId), status];
    if (status.state === 'signed_out' && before?.state !== 'signed_out') return signedOut('expired');
    if (isAwayAlone(status)) void refresh();
    if (status.state !== 'online' || before?.state === 'online') return;
    everythingChanged();
    void refresh();
  }

  /** The frontend answers and our shard does not: there may be another one for us by now. */
  function isAwayAlone({ state, error, shardId }: ConnectionStatus): boolean {
    const isOurs =
      shardId === assignment.value?.shardId && state === 'offline' && codeOf(error) === 'shard.unreachable';
    return isOurs && Date.now() - askedAt >= RETRY_MS;
  }

  function everythingChanged() {
    for (const subject of ['sessions', 'projects', 'preferences'] as const) news.tell(subject);
  }

  /** Asks who the person is and where their sessions go. Without an answer everything stays as it was. */
  async function refresh(): Promise<void> {
    if (person.value.state === 'signed_out' && person.value.why === 'chosen') return;
    askedAt = Date.now();
    clearTimeout(placeTimer);
    try {
      const [{ getMe, getAssignment, getConfig }, api] = await Promise.all([library, caller]);
      // Asked first, because it answers those who are not signed in, too: how they can be.
      config.value = await api.call(getConfig, {});
      keepFact('config', config.value);
      // Browsers count an answer of 401 among the errors of a page.
      if (config.value.isSignedIn === false) return nobody();
      await met(await api.call(getMe, {}));
      assigned(await api.call(getAssignment, {}));
    } catch (error) {
      if (codeOf(error) === 'shard.full') return waitForPlace(sentenceOf(error));
      if (isAuthError(error)) nobody();
      else if (person.value.state === 'opening') person.value = { state: 'unreachable' };
    }
  }

  function nobody() {
    signedOut(person.value.state === 'known' ? 'expired' : 'nobody');
  }

  async function met(me: Me) {
    const before = person.value.state === 'known' ? person.value.me : ((await facts).me ?? null);
    const isNews = person.value.state !== 'known';
    if (before && before.email !== me.email) {
      await forgetPerson();
      location.reload();
      return new Promise<never>(() => {});
    }
    keepFact('me', me);
    markSignedOut(false);
    person.value = { state: 'known', me };
    if (isNews) {
      channel.postMessage('signed_in');
      everythingChanged();
    }
  }

  /** Those who have no assignment yet ask again by themselves: see firstAssignment. */
  function waitForPlace(why: string) {
    full.value = why;
    if (assignment.value) placeTimer = setTimeout(() => void refresh(), RETRY_MS);
  }

  function assigned(answer: Assignment) {
    full.value = null;
    const before = assignment.value;
    const now = renewAssignment(chooseAssignment(answer.email, before), answer, new Date(), config.value?.shards ?? []);
    assignment.value = now;
    store(now);
    if (before && before.shardId === now.shardId && before.url === now.url) return;
    void client.then((opened) => {
      opened.connect({ id: now.shardId, url: now.url });
      shards.value = opened.connections();
    });
  }

  function store(record: StoredAssignment) {
    localStore.set(ASSIGNMENT_KEY, JSON.stringify(record));
    keepFact('assignment', record);
  }

  function signedOut(why: 'nobody' | 'expired' | 'chosen') {
    markSignedOut(true);
    person.value = { state: 'signed_out', why };
  }

  /** Ends the sign-in on the server, then leaves nothing of the person here. Rejects, changing nothing, when the server is away. */
  async function signOut() {
    const [{ signOut: endpoint }, api] = await Promise.all([library, caller]);
    await api.call(endpoint, {});
    signedOut('chosen');
    void client.then((opened) => opened.close());
    await forgetPerson();
    channel.postMessage('signed_out');
  }

  channel.addEventListener('message', (event) => {
    if (event.data === 'signed_in' && person.value.state === 'signed_out') location.reload();
    if (event.data !== 'signed_out' || person.value.state === 'signed_out') return;
    signedOut('chosen');
    void client.then((opened) => opened.close());
    void forgetPerson();
  });

  function tryNow() {
    void client.then((opened) => opened.tryNow());
  }

  // Each may follow a sleep or a change of network, and none proves that the connection still is what it was.
  const wake = () => void client.then((opened) => opened.wake());
  for (const event of ['online', 'focus', 'pageshow']) addEventListener(event, wake);
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) wake();
  });

  return {
    person,
    shards,
    assignment,
    config,
    full,
    refresh,
    /** What was kept from the last time. */
    facts,
    client,
    library,
    signOut,
    tryNow,
    onChanged: news.listen,
  };
}

export type Connection = ReturnType<typeof createConnection>;

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
