/** What the system shows of a signal: the same from a window and from the service worker, once for each signal. */
import type { PushNote, SignalKind } from '../../protocol/attention.ts';
import { signalId } from '../../protocol/attention.ts';
import { apart } from '../ui/apart.ts';
import { record, wasTold } from './attentionLog.ts';
import type { Outcome } from './attentionLog.ts';

/** Held by a window whose person is at work in it. */
export const ALIVE_LOCK = 'holdfast.alive';

const TITLES: Record<SignalKind, (name: string) => string> = {
  needsInput: (name) => `${name} needs you`,
  failed: (name) => `${name}: failed`,
  done: (name) => `${name}: done`,
  notice: (name) => name,
  bell: (name) => name,
};

/** Decides and tells under a lock of the signal's own: whoever comes second finds it decided. */
export async function tellOnce(note: PushNote, decide: (wasToldBefore: boolean) => Promise<Outcome>): Promise<void> {
  const run = async () => record(note, await decide(await wasTold(note)));
  const { locks } = navigator;
  await (locks ? locks.request(`holdfast.telling.${signalId(note.signal)}`, run) : run());
}

/** `failed` when the system does not show it. @param isQuiet it was shown before, and only takes its own place */
export async function show(registration: ServiceWorkerRegistration, note: PushNote, isQuiet = false): Promise<boolean> {
  const { signal, sessionName, projectName } = note;
  try {
    await registration.showNotification(TITLES[signal.kind](apart(sessionName)), {
      body: [signal.text, projectName]
        .map((line) => apart(line ?? ''))
        .filter(Boolean)
        .join('\n'),
      dir: 'auto',
      tag: signal.sessionId,
      icon: '/icons/holdfast-192.png',
      silent: isQuiet,
      data: { sessionId: signal.sessionId },
    });
    return true;
  } catch {
    return false;
  }
}

export async function isSomebodyAtWork(): Promise<boolean> {
  const held = (await navigator.locks?.query())?.held ?? [];
  return held.some(({ name }) => name === ALIVE_LOCK);
}

/** It was looked at, taken back, or its session is no more. */
export async function close(registration: ServiceWorkerRegistration | undefined, sessionId: string): Promise<void> {
  for (const shown of (await registration?.getNotifications({ tag: sessionId })) ?? []) shown.close();
}
