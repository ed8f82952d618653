import { expect, test } from 'vitest';
import type { PushNote } from '../../protocol/attention.ts';
import { close, show } from './notification.ts';

const NOTE: PushNote = {
  signal: {
    ...{ sessionId: 's', incarnation: 1, offset: 7, at: 0 },
    ...{ kind: 'needsInput', text: 'May I?', when: 'always', name: null },
  },
  sessionName: 'agent',
  projectName: 'Web',
};

/** A registration that shows what it is given, or refuses. */
function registration(refuses = false) {
  const shown: { title: string; body?: string; tag?: string }[] = [];
  const closed: string[] = [];
  const part = {
    showNotification(title: string, { body, tag }: NotificationOptions) {
      if (refuses) return Promise.reject(new TypeError('No notification permission has been granted'));
      return Promise.resolve(void shown.push({ title, ...(body ? { body } : {}), ...(tag ? { tag } : {}) }));
    },
    getNotifications: ({ tag }: { tag: string }) => Promise.resolve([{ close: () => closed.push(tag) }]),
  };
  return { worker: part as unknown as ServiceWorkerRegistration, shown, closed };
}

test('a notification says who wants what, and a later one of the session takes its place', async () => {
  const { worker, shown, closed } = registration();
  expect(await show(worker, NOTE)).toBe(true);
  await close(worker, 's');
  expect([shown, closed]).toEqual([[{ title: 'agent needs you', body: 'May I?\nWeb', tag: 's' }], ['s']]);
});

test('one that the system does not show fails no window', async () => {
  expect(await show(registration(true).worker, NOTE)).toBe(false);
});
