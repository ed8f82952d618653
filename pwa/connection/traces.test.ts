// @vitest-environment happy-dom
import { expect, test } from 'vitest';
import { forgetPerson, isMarkedSignedOut, markSignedOut } from './traces.ts';

test('after a change of person nothing personal is left, and the look of the app is', async () => {
  localStorage.setItem('backend_assignment', '{}');
  localStorage.setItem('holdfast.person.layout', '{}');
  sessionStorage.setItem('holdfast.person.tabs', '{}');
  localStorage.setItem('holdfast.theme', 'dark');
  await forgetPerson();
  expect([Object.keys(localStorage), Object.keys(sessionStorage)]).toEqual([['holdfast.theme'], []]);
});

test('a sign-out is remembered until someone is known again', () => {
  markSignedOut(true);
  const before = isMarkedSignedOut();
  markSignedOut(false);
  expect([before, isMarkedSignedOut()]).toEqual([true, false]);
});
