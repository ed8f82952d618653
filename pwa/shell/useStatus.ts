/** What the status bar says: the connection to the shard in view, told from what was measured. */
import { computed } from 'vue';
import { useConnection } from '../connection/useConnection.ts';
import { useNow } from '../connection/useNow.ts';
import { elapsed, hostTrouble, lastByte, linkState, nextTry, roundTrip } from '../connection/statusText.ts';
import { useSessions } from '../sessions/useSessions.ts';
import { useTabs } from '../sessions/useTabs.ts';
import { clockTime } from '../sessions/loss.ts';
import { isAlive } from '../sessions/sessionText.ts';

const DRAINING = 'being drained: sessions here go on';

export function useStatus() {
  const { shards, assignment, full } = useConnection();
  const sessions = useSessions();
  const { tabs } = useTabs();
  const now = useNow();

  /** The owner of the session in view, else where new sessions go. */
  const shardId = computed(() => {
    const active = tabs.value.active === null ? null : sessions.find(tabs.value.active);
    const assigned = assignment.value?.shardId ?? null;
    const isConnected = shards.value.some((status) => status.shardId === assigned);
    return active?.shardId ?? (isConnected ? assigned : shards.value[0]?.shardId) ?? assigned;
  });
  const link = computed(() => shards.value.find((status) => status.shardId === shardId.value) ?? null);
  const state = computed(() => linkState(link.value, now.value));

  const trouble = computed(() => hostTrouble(link.value));

  const headline = computed(() => {
    const since = link.value?.offlineSince ?? null;
    const away = since === null ? '' : ` ${elapsed(now.value - since)}`;
    const words = {
      online: trouble.value ?? shardId.value ?? 'online',
      stalled: `${shardId.value} is silent`,
      connecting: full.value ? 'waiting for a place' : `connecting${shardId.value ? ` to ${shardId.value}` : ''}…`,
      offline: `offline${away}`,
      signed_out: 'signed out',
    };
    return words[state.value];
  });

  const details = computed(() => {
    const status = link.value;
    if (!status || state.value === 'connecting' || state.value === 'signed_out') return [];
    const since = sessions.lostShards.value.get(status.shardId);
    if (since !== undefined) return [`${status.shardId} is lost since ${clockTime(since, new Date(now.value))}`];
    if (state.value === 'offline') return [`${status.shardId} · your sessions go on there`, nextTry(status, now.value)];
    const rtt = status.rttMs === null ? [] : [`${roundTrip(status.rttMs)} round trip`];
    const slow = status.transport === 'polling' ? ['by polling, no websocket'] : [];
    const draining = status.isDraining ? [DRAINING] : [];
    const place = full.value ? ['no place for a new session just now'] : [];
    return [...draining, ...place, ...rtt, lastByte(status, now.value), ...slow];
  });

  const alive = computed(() => sessions.list.value.filter(isAlive).length);
  const counts = computed(() => `${alive.value} running · ${tabs.value.open.length} open here`);

  /** For screen readers: changes of state only, never the ticking figures. */
  const announcement = computed(() => {
    const isLost = shardId.value !== null && sessions.lostShards.value.has(shardId.value);
    const words = {
      online: trouble.value ?? `Connected to ${shardId.value}${link.value?.isDraining ? `, ${DRAINING}` : ''}`,
      stalled: 'The connection is silent',
      connecting: full.value ?? 'Connecting',
      offline: isLost ? `${shardId.value} is lost.` : 'Offline. Your sessions go on.',
      signed_out: 'Signed out',
    };
    return words[state.value];
  });

  return { shardId, state, trouble, headline, details, counts, announcement };
}
