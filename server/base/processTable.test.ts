import { expect, test } from 'vitest';
import { withDescendants, type ProcessFacts } from './processTable.ts';

const facts = (pid: number, parent: number): ProcessFacts => ({
  pid,
  parent,
  group: pid,
  session: pid,
  startTicks: '1',
});

test('children, their children and nobody else are found, in whatever order they are listed', () => {
  const all = [facts(9, 7), facts(7, 5), facts(5, 1), facts(6, 1), facts(8, 6)];
  const found = withDescendants(all, ({ pid }) => pid === 5);
  expect(found.map(({ pid }) => pid).sort()).toEqual([5, 7, 9]);
});
