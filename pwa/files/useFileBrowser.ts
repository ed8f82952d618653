/** One folder of a session's workspace after the other, with what is in it as last heard. */
import { computed, ref } from 'vue';
import type { FileEntry, FileList } from '../../protocol/files.ts';
import type { Connection } from '../connection/connection.ts';
import { crumbsOf, joined, shownEntries } from './fileText.ts';
import { useAsked } from './useAsked.ts';

export function useFileBrowser({ client }: Connection, session: () => { id: string; shardId: string }) {
  const { answer: list, trouble, isAsking, ask } = useAsked<FileList>();
  const withHidden = ref(false);
  const entries = computed(() => (list.value ? shownEntries(list.value.entries, withHidden.value) : []));
  const hiddenCount = computed(() => list.value?.entries.filter(({ name }) => name.startsWith('.')).length ?? 0);
  const crumbs = computed(() => (list.value ? crumbsOf(list.value.path, list.value.root) : []));
  const files = async () => (await client).sessions.files(session());

  const open = (path: string) => ask(async (signal) => (await files()).list(path, signal));
  const refresh = () => open(list.value?.path ?? '.');

  /** @returns false when it cannot be had; the browser itself would only say that it failed */
  async function download({ name }: FileEntry): Promise<boolean> {
    const url = (await files()).downloadUrl(joined(list.value!.path, name));
    const head = await fetch(url, { method: 'HEAD', redirect: 'manual' }).catch(() => null);
    if (!head?.ok) return false;
    const link = document.createElement('a');
    link.href = url;
    link.download = name;
    link.click();
    return true;
  }

  return { list, entries, hiddenCount, crumbs, withHidden, trouble, isAsking, open, refresh, download };
}
