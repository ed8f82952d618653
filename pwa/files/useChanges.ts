/** What was changed in a session's workspace, and the diff of the file that is looked at. */
import { computed, onBeforeUnmount, onMounted, shallowRef } from 'vue';
import type { ChangedFile, Changes, FileDiff } from '../../protocol/files.ts';
import type { Connection } from '../connection/connection.ts';
import { useAsked } from './useAsked.ts';

export function useChanges({ client }: Connection, session: () => { id: string; shardId: string }) {
  const { answer: changes, trouble, isAsking, ask } = useAsked<Changes>();
  const { answer: diff, trouble: diffTrouble, isAsking: isReading, ask: askDiff } = useAsked<FileDiff>();
  const file = shallowRef<ChangedFile | null>(null);
  const sum = (of: 'added' | 'deleted') => changes.value?.files.reduce((total, one) => total + (one[of] ?? 0), 0) ?? 0;
  const totals = computed(() => ({ added: sum('added'), deleted: sum('deleted') }));
  const files = async () => (await client).sessions.files(session());

  async function refresh() {
    await ask(async (signal) => (await files()).changes(signal));
    const path = file.value?.path;
    const again = changes.value?.files.find((one) => one.path === path) ?? changes.value?.files[0];
    if (again) await show(again);
    else file.value = diff.value = null;
  }

  function show(next: ChangedFile) {
    if (next.path !== file.value?.path) diff.value = null;
    file.value = next;
    return askDiff(async (signal) => (await files()).diff(next.path, next.from, signal));
  }

  /** The window is looked at again: an agent went on meanwhile. */
  const returned = () => {
    if (document.visibilityState === 'visible') void refresh();
  };
  onMounted(() => {
    void refresh();
    document.addEventListener('visibilitychange', returned);
  });
  onBeforeUnmount(() => document.removeEventListener('visibilitychange', returned));

  return { changes, totals, trouble, isAsking, file, diff, diffTrouble, isReading, refresh, show };
}
