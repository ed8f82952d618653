/** What this window is uploading: a few at a time, the others wait; each can be cancelled, and what failed stays until it was seen. */
import { computed, reactive, readonly, ref } from 'vue';
import { AppError } from '../../protocol/errors.ts';
import { MAX_UPLOAD_BYTES, WINDOW_UPLOADS_AT_ONCE, type Uploaded } from '../../protocol/files.ts';
import type { Connection } from '../connection/connection.ts';
import { sentenceOf } from '../ui/errorText.ts';
import { toast } from '../ui/toasts.ts';
import { sizeText } from './fileText.ts';
import { MAX_FILES, type GivenFiles } from './givenFiles.ts';
import { sendFile } from './sendFile.ts';

export interface UploadItem {
  id: number;
  name: string;
  sizeBytes: number;
  sentBytes: number;
  state: 'waiting' | 'sending' | 'failed';
  /** Why it failed, in a sentence. */
  trouble: string;
}

export interface UploadTarget {
  session: { id: string; shardId: string };
  /** Absent: where uploads of the session go. */
  directory?: string;
}

const items = ref<UploadItem[]>([]);
const cancels = new Map<number, AbortController>();
const waiting: (() => void)[] = [];
let sending = 0;
let nextId = 1;

export function useUploads({ client }: Pick<Connection, 'client'>) {
  /** @returns those that have arrived, in the order in which they were given, when the last one has ended in whatever way */
  async function upload({ files, hasFolders }: GivenFiles, target: UploadTarget): Promise<Uploaded[]> {
    if (hasFolders) toast('Folders are not uploaded. Pack them, or give their files.', 'bad');
    const taken = files.slice(0, MAX_FILES);
    if (files.length > MAX_FILES) toast(`Only the first ${MAX_FILES} files are uploaded.`, 'bad');
    const arrived = await Promise.all(taken.map((file) => uploadOne(file, target)));
    return arrived.filter((one) => one !== null);
  }

  /** Null when it did not arrive; the list says why. */
  async function uploadOne(file: File, { session, directory }: UploadTarget): Promise<Uploaded | null> {
    const item = add(file);
    const cancel = new AbortController();
    cancels.set(item.id, cancel);
    try {
      if (file.size > MAX_UPLOAD_BYTES)
        throw new AppError('file.too_large', `a file may have ${sizeText(MAX_UPLOAD_BYTES)} at most`);
      await turn(cancel.signal);
      try {
        item.state = 'sending';
        const remote = await (await client).sessions.files(session);
        const url = remote.uploadUrl({ name: file.name, ...(directory === undefined ? {} : { directory }) });
        const sent = { onSent: (bytes: number) => (item.sentBytes = bytes), signal: cancel.signal };
        const uploaded = await sendFile(url, file, sent);
        dismiss(item.id);
        return uploaded;
      } finally {
        sending--;
        for (const look of waiting.splice(0)) look(); // one of them is next; a cancelled one is not
      }
    } catch (error) {
      if (cancel.signal.aborted) return null;
      item.state = 'failed';
      item.trouble = sentenceOf(error);
      return null;
    } finally {
      cancels.delete(item.id);
    }
  }

  /** One that is not there yet is given up; one that failed leaves the list. */
  function dismiss(id: number) {
    items.value = items.value.filter((item) => item.id !== id);
    cancels.get(id)?.abort();
  }

  const isUploading = computed(() => items.value.some(({ state }) => state !== 'failed'));
  return { items: readonly(items), isUploading, upload, dismiss };
}

function add({ name, size }: File): UploadItem {
  const item = reactive<UploadItem>({
    id: nextId++,
    name,
    sizeBytes: size,
    sentBytes: 0,
    state: 'waiting',
    trouble: '',
  });
  items.value.push(item);
  return item;
}

/** Resolves when it may be sent. @throws the signal's reason when it was cancelled before */
async function turn(signal: AbortSignal): Promise<void> {
  while (sending >= WINDOW_UPLOADS_AT_ONCE) {
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    signal.throwIfAborted();
  }
  sending++;
}
