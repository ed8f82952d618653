/**
 * Carries input over a reload, within its tab: put away when the page goes, taken up once by the page that comes. While a page
 * lives nothing of it is in the storage, so that a duplicated tab, which copies the storage, finds nothing. Should two pages
 * hold the same record all the same (a tab duplicated while it reloads), a lock on its attachment id lets only one have it.
 */
import type { KeptInput } from '../../client/types.ts';
import { windowStore } from '../ui/browserStorage.ts';

/** Under traces.ts's prefix of what is a person's own: a sign-out removes it. */
const PREFIX = 'holdfast.person.input.';

/** As it stands in the storage: bytes as base64. */
type Stored = Omit<KeptInput, 'sent' | 'waiting'> & { sent: { seq: number; bytes: string }[]; waiting: string };

const found = new Map<string, KeptInput>();
const sources = new Map<string, () => KeptInput | null>();

/** Takes what the page before left, at once and for good. Call it first thing. */
export function takeKeptInput(): void {
  takeAll();
  addEventListener('pagehide', () => putAway());
  // A page that comes back as it was has everything still, and goes on with it.
  addEventListener('pageshow', (event) => {
    if ((event as PageTransitionEvent).persisted) forgetStored();
  });
}

/** What was left for this session; given once. Null when there was nothing, or another page has it. */
export async function claimKeptInput(sessionId: string): Promise<KeptInput | null> {
  const kept = found.get(sessionId);
  found.delete(sessionId);
  return kept && (await holdForever(kept.attachmentId)) ? kept : null;
}

/** @param keep asked when the page goes; @returns how to stop */
export function keepInputOf(sessionId: string, keep: () => KeptInput | null): () => void {
  sources.set(sessionId, keep);
  return () => void sources.delete(sessionId);
}

function takeAll(): void {
  for (const key of storedKeys()) {
    const kept = parse(windowStore.get(key));
    windowStore.remove(key);
    if (kept) found.set(key.slice(PREFIX.length), kept);
  }
}

function putAway(): void {
  // Sessions whose tab was not looked at since the last reload keep what they had.
  const kept = new Map<string, KeptInput | null>(found);
  for (const [sessionId, keep] of sources) kept.set(sessionId, keep());
  for (const [sessionId, input] of kept) if (input) store(sessionId, input);
}

function store(sessionId: string, input: KeptInput): void {
  const { sent, waiting, ...rest } = input;
  const frames = sent.map(({ seq, bytes }) => ({ seq, bytes: toBase64(bytes) }));
  const stored: Stored = { ...rest, sent: frames, waiting: toBase64(waiting) };
  // Where there is no room it is lost, as it is when the tab is closed.
  windowStore.set(PREFIX + sessionId, JSON.stringify(stored));
}

function forgetStored(): void {
  for (const key of storedKeys()) windowStore.remove(key);
}

function storedKeys(): string[] {
  return windowStore.keys().filter((key) => key.startsWith(PREFIX));
}

/** False when another page of this browser has it. It is held as long as the page lives. */
function holdForever(attachmentId: string): Promise<boolean> {
  // Without locks (plain http under another name than localhost) the server's rule remains: the newest one has the id.
  if (!('locks' in navigator)) return Promise.resolve(true);
  return new Promise((resolve) => {
    void navigator.locks
      .request(`holdfast.attachment.${attachmentId}`, { ifAvailable: true }, (lock) => {
        resolve(lock !== null);
        return lock ? new Promise<never>(() => {}) : undefined;
      })
      .catch(() => resolve(true)); // locks are denied with the storage
  });
}

function parse(text: string | null): KeptInput | null {
  try {
    const { sent, waiting, ...rest } = JSON.parse(text ?? 'null') as Stored;
    const frames = sent.map(({ seq, bytes }) => ({ seq, bytes: fromBase64(bytes) }));
    return { ...rest, sent: frames, waiting: fromBase64(waiting) };
  } catch {
    return null;
  }
}

function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}
