import type { Terminal } from '@xterm/xterm';
import { expect, test } from 'vitest';
import { noteTerminal, terminalOf } from './inView.ts';

test('what is sent to a session reaches its terminal and no other, and nothing while that one is hidden', () => {
  const hosts = { a: true, b: true };
  const note = (id: keyof typeof hosts) =>
    noteTerminal(id, { id } as unknown as Terminal, { checkVisibility: () => hosts[id] } as HTMLElement);
  const found = (id: string | null) => terminalOf(id)?.terminal ?? null;
  const [forgetA] = [note('a'), note('b')];
  expect([found('a'), found('b'), found('c'), found(null)]).toEqual([{ id: 'a' }, { id: 'b' }, null, null]);
  hosts.b = false;
  forgetA();
  expect([found('a'), found('b')]).toEqual([null, null]);
});
