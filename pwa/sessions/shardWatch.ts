/** Asks the frontend which shards are lost, for as long as somebody here waits for one. */
import { computed, shallowRef, watch } from 'vue';
import type { ShallowRef } from 'vue';
import type { Session } from '../../protocol/sessions.ts';
import type { Connection } from '../connection/connection.ts';
import { lostShardsOf } from './loss.ts';
import type { LostShards } from './loss.ts';

/** A loss is to be told within 15 s; the frontend knows of it after SHARD_LOST_MS. */
const PERIOD_MS = 2_000;
/** Most waits end sooner, with a connection. */
const FIRST_MS = 1_000;
/** While nobody answers, the status bar has said all there is to say; this is only to notice the end of it. */
const OFFLINE_PERIOD_MS = 10_000;

/** @param sessions as last heard: what is waited for is the shards of those that run */
export function watchShards(connection: Connection, sessions: Readonly<ShallowRef<readonly Session[]>>) {
  const lost = shallowRef<LostShards>(new Map());
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isAsking = false;

  const runsOn = (shardId: string) =>
    sessions.value.some((one) => one.shardId === shardId && (one.state === 'starting' || one.state === 'running'));
  const isWaiting = computed(
    () =>
      lost.value.size > 0 ||
      connection.shards.value.some(
        ({ shardId, state }) => (state === 'offline' || state === 'connecting') && runsOn(shardId),
      ),
  );

  async function ask() {
    if (isAsking) return;
    isAsking = true;
    const isAnswered = await heard();
    isAsking = false;
    wait(isAnswered ? PERIOD_MS : OFFLINE_PERIOD_MS);
  }

  async function heard(): Promise<boolean> {
    try {
      const [{ getShardStates }, client] = await Promise.all([connection.library, connection.client]);
      const next = lostShardsOf((await client.call(getShardStates, {})).shards);
      if (String([...next]) !== String([...lost.value])) lost.value = next;
      return true;
    } catch {
      // Nobody answers: what was known of the shards is not known any more.
      if (lost.value.size > 0) lost.value = new Map();
      return false;
    }
  }

  function wait(ms: number) {
    clearTimeout(timer);
    if (isWaiting.value) timer = setTimeout(() => void ask(), ms);
  }

  watch(isWaiting, () => wait(FIRST_MS));
  // A list that was heard may name shards that this window has no connection to.
  watch(sessions, () => {
    const known = connection.shards.value.map(({ shardId }) => shardId);
    if (sessions.value.some(({ shardId }) => runsOn(shardId) && !known.includes(shardId))) void ask();
  });
  addEventListener('online', () => wait(0));

  return lost;
}
