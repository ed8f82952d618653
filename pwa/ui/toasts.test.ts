import { expect, test, vi } from 'vitest';
import { dismissToast, shownToasts, toast } from './toasts.ts';

test('the same message is not stacked while it is shown, and leaves by itself', () => {
  vi.useFakeTimers();
  toast('full');
  toast('full');
  expect(shownToasts.value.map(({ text }) => text)).toEqual(['full']);
  vi.runAllTimers();
  expect(shownToasts.value).toEqual([]);
  vi.useRealTimers();
});

test('a message can be dismissed', () => {
  toast('done');
  dismissToast(shownToasts.value[0]!.id);
  expect(shownToasts.value).toEqual([]);
});

test('a message that can be acted upon stays', () => {
  vi.useFakeTimers();
  toast('a part is missing', 'bad', { text: 'Restart', act: () => {} });
  vi.runAllTimers();
  expect(shownToasts.value.map(({ text, action }) => [text, action?.text])).toEqual([['a part is missing', 'Restart']]);
  dismissToast(shownToasts.value[0]!.id);
  expect(shownToasts.value).toEqual([]);
  vi.useRealTimers();
});
