import { expect, test } from 'vitest';
import { holdLock } from './heldLock.ts';

/** Grants locks when a test says so, as a browser does that is busy: `steal` of what is asked for and not given up. */
function lateLocks() {
  let grant = async () => {};
  const state = { isHeld: false, wasRefused: false };
  const request = (_name: string, { signal }: LockOptions, run: () => Promise<void>) =>
    new Promise<void>((resolve, reject) => {
      signal?.addEventListener('abort', () => {
        if (state.isHeld) return;
        state.wasRefused = true;
        reject(new DOMException('given up', 'AbortError'));
      });
      grant = async () => {
        if (signal?.aborted) return;
        state.isHeld = true;
        await run();
        state.isHeld = false;
        resolve();
      };
    });
  return { locks: { request } as unknown as LockManager, state, grant: () => grant() };
}

test('a lock that is given up before it is granted is never held', async () => {
  const { locks, state, grant } = lateLocks();
  holdLock(locks, 'a')();
  await grant();
  expect(state).toEqual({ isHeld: false, wasRefused: true });
});

test('one that is granted is held until it is given up', async () => {
  const { locks, state, grant } = lateLocks();
  const release = holdLock(locks, 'a');
  const held = grant();
  expect(state.isHeld).toBe(true);
  release();
  await held;
  expect(state).toEqual({ isHeld: false, wasRefused: false });
});
