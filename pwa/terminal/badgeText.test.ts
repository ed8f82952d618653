import { expect, test } from 'vitest';
import { badgeText, durationText } from './badgeText.ts';

test('times and badges are short', () => {
  expect([durationText(420), durationText(12_345), durationText(200_000), durationText(3_720_000)]).toEqual([
    '0.4 s',
    '12 s',
    '3 min 20 s',
    '1 h 2 min',
  ]);
  expect([
    badgeText(0, 20),
    badgeText(0, 1_500),
    badgeText(1, null),
    badgeText(null, 2_000),
    badgeText(null, 5),
  ]).toEqual(['✓', '✓ 1.5 s', '✗ 1', '2.0 s', '']);
});
