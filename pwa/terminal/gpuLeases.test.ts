import { expect, test } from 'vitest';
import { GpuLeases } from './gpuLeases.ts';

test('one more than there are contexts takes that of the oldest', () => {
  const leases = new GpuLeases(2);
  const released: string[] = [];
  const holder = (name: string) => ({ release: () => void released.push(name) });
  const [a, b, c] = [holder('a'), holder('b'), holder('c')];
  leases.take(a);
  leases.take(b);
  leases.take(a); // used again: b is the oldest now
  leases.take(c);
  expect([released, leases.held]).toEqual([['b'], 2]);
});

test('one that was given back is free', () => {
  const leases = new GpuLeases(1);
  const released: string[] = [];
  const [a, b] = ['a', 'b'].map((name) => ({ release: () => void released.push(name) }));
  leases.take(a!);
  leases.giveBack(a!);
  leases.take(b!);
  expect([released, leases.held]).toEqual([[], 1]);
});
