import { expect, test } from 'vitest';
import { planSize, usableSize } from './size.ts';

test('a pane that is hidden or too small has no size', () => {
  const proposals = [undefined, {}, { cols: NaN, rows: 24 }, { cols: 19, rows: 24 }, { cols: 80, rows: 4 }];
  expect(proposals.map(usableSize)).toEqual([null, null, null, null, null]);
});

test('a size is taken as it is, up to what the server allows', () => {
  expect([usableSize({ cols: 20, rows: 5 }), usableSize({ cols: 4000, rows: 900 })]).toEqual([
    { cols: 20, rows: 5 },
    { cols: 1000, rows: 500 },
  ]);
});

const facts = { pane: { cols: 100, rows: 30 }, pty: { cols: 80, rows: 24 }, isInControl: true, isByHand: false };
const { pane, pty } = facts;

test.each([
  ['who decides draws at its own size and tells it', facts, { draw: pane, tell: 'use', isForeign: false }],
  ['who does not draws at the pty’s', { ...facts, isInControl: false }, { draw: pty, tell: 'view', isForeign: true }],
  [
    'a person who changes the window takes over',
    { ...facts, isInControl: false, isByHand: true },
    { draw: pane, tell: 'use', isForeign: false },
  ],
  [
    'before anything was heard the pane counts',
    { ...facts, pty: null, isInControl: null },
    { draw: pane, tell: 'use', isForeign: false },
  ],
  [
    'with one size nothing is to be taken over',
    { ...facts, pty: pane, isInControl: false, isByHand: true },
    { draw: pane, tell: 'view', isForeign: false },
  ],
  [
    'with one size and in control nothing is to be told',
    { ...facts, pty: pane },
    { draw: pane, tell: null, isForeign: false },
  ],
  [
    'a pane that is hidden or too small follows the pty',
    { ...facts, pane: null },
    { draw: pty, tell: null, isForeign: false },
  ],
])('%s', (_, given, plan) => {
  expect(planSize(given)).toEqual(plan);
});
