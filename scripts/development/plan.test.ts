import { expect, test } from 'vitest';
import { planOf } from './plan.ts';

const meaning = (...changed: string[]) => {
  const { isRestarted, replacesHosts, sentence } = planOf(changed);
  return [['frontend', 'backend-1', 'backend-2'].filter(isRestarted), replacesHosts, sentence];
};

test('who changed is started again, and nobody else', () => {
  expect(meaning('frontend.js')).toEqual([['frontend'], false, 'frontend.js changed: starting the frontend again']);
  expect(meaning('backend.js')[0]).toEqual(['backend-1', 'backend-2']);
});

test('new screens come with a new backend', () => {
  expect(meaning('screens.js')).toEqual([
    ['backend-1', 'backend-2'],
    false,
    'screens.js changed: starting the backends again',
  ]);
});

test('only a pty host that changed is replaced, and that is said', () => {
  expect(meaning('ptyHost.js')).toEqual([[], true, 'the pty host changed: all sessions end with the old ones']);
  expect(meaning('frontend.js', 'backend.js', 'ptyHost.js')).toEqual([
    ['frontend', 'backend-1', 'backend-2'],
    true,
    'frontend.js, backend.js, ptyHost.js changed: starting the frontend and the backends again; the pty host changed: all sessions end with the old ones',
  ]);
});
