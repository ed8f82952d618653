import { shallowRef } from 'vue';
import { expect, test } from 'vitest';
import type { PreferenceValue } from '../../protocol/preferences.ts';
import type { Preferences } from '../settings/usePreferences.ts';
import { createPolicies } from './policies.ts';

function setUp(value: PreferenceValue = {}) {
  const settings = shallowRef(value);
  const change: Preferences['change'] = (_name, changes) => (settings.value = { ...settings.value, ...changes });
  const preferences = { values: { settings }, change } as unknown as Pick<Preferences, 'values' | 'change'>;
  return { policies: createPolicies(preferences), settings };
}

const nobody = () => false;
const list =
  (...ids: string[]) =>
  () =>
    Promise.resolve(ids.map((id) => ({ id })));

test('a session has its own way, or that of all, and no more when it is no more', async () => {
  const { policies, settings } = setUp({ other: 1 });
  policies.setDefault('needsMe');
  policies.setOwn('a', 'nothing');
  policies.setOwn('b', 'all');
  expect([policies.of('a'), policies.of('b'), policies.of('c')]).toEqual(['nothing', 'all', 'needsMe']);
  policies.setOwn('b', null);
  expect([policies.of('b'), policies.own('b')]).toEqual(['needsMe', null]);
  await policies.prune(nobody, list());
  expect(settings.value).toEqual({ other: 1, attention: 'needsMe', attentionOf: undefined });
});

test('a session that another window has just opened keeps its own way, and so does every one while no list can be had', async () => {
  const { policies, settings } = setUp();
  policies.setOwn('a', 'nothing');
  policies.setOwn('b', 'all');
  const before = settings.value;
  await expect(policies.prune(nobody, () => Promise.reject(new Error('offline')))).rejects.toThrow('offline');
  await policies.prune(() => true, list());
  await policies.prune((id) => id === 'a', list('a', 'b'));
  expect(settings.value).toBe(before);
  await policies.prune(nobody, list('a'));
  expect([policies.own('a'), policies.own('b')]).toEqual(['nothing', null]);
});

test('what somebody wrote by hand is no policy', () => {
  const { policies } = setUp({ attention: 'loud', attentionOf: ['a'] });
  expect([policies.default(), policies.of('0'), policies.own('constructor')]).toEqual(['all', 'all', null]);
});
