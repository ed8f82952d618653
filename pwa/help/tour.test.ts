import { expect, test } from 'vitest';
import { tourSteps } from './tour.ts';

const targets = (hasKeyBar: boolean) => tourSteps(hasKeyBar, 'F1').map(({ target }) => target);

test('the tour has three steps, and tells of the key bar only where there is one', () => {
  expect([targets(true).length, targets(false).length]).toEqual([3, 3]);
  expect([targets(true).join().includes('key-bar'), targets(false).join().includes('key-bar')]).toEqual([true, false]);
});

test('a palette without keys is told of all the same', () => {
  const [withKeys, without] = ['Ctrl+Shift+P', ''].map((keys) => tourSteps(false, keys)[1]!.text);
  expect([
    withKeys!.startsWith('Ctrl+Shift+P, or a click here: sessions'),
    without!.startsWith('Sessions, projects'),
  ]).toEqual([true, true]);
});
