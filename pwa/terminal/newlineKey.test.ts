import headless from '@xterm/headless';
import type { Terminal } from '@xterm/xterm';
import { expect, test } from 'vitest';
import { isAgent, KeyboardWishes } from './newlineKey.ts';

const shell = { sessionCommand: [], shellCommand: null, isAtPrompt: false, title: '', wantsKeys: false };

test('an agent is known by what the session or the shell started', () => {
  expect([
    isAgent({ ...shell, sessionCommand: ['/usr/local/bin/claude', '--resume', 'x'] }),
    isAgent({ ...shell, sessionCommand: ['env', 'A=1', 'codex'] }),
    isAgent({ ...shell, shellCommand: 'FOO=1 npx -y gemini' }),
    isAgent({ ...shell, shellCommand: 'vim notes', title: 'notes - VIM' }),
    isAgent({ ...shell, sessionCommand: ['bash', '-l'] }),
  ]).toEqual([true, true, true, false, false]);
});

test('else by its title or its wish for a keyboard, but not while the shell waits', () => {
  expect([
    isAgent({ ...shell, title: '✳ Claude Code' }),
    isAgent({ ...shell, title: '⠂ Fix the build' }),
    isAgent({ ...shell, wantsKeys: true }),
    isAgent({ ...shell, title: '✳ Claude Code', isAtPrompt: true }),
    isAgent({ ...shell, title: 'user@host: ~' }),
  ]).toEqual([true, true, true, false, false]);
});

test('a wish for a keyboard ends when it is taken back, or with a reset', async () => {
  const terminal = new headless.Terminal({ allowProposedApi: true }) as unknown as Terminal;
  const wishes = new KeyboardWishes(terminal.parser);
  const after = async (data: string) => {
    await new Promise<void>((done) => terminal.write(data, done));
    return wishes.wantsKeys;
  };
  expect([
    await after('\x1b[>1u'),
    await after('\x1b[<u'),
    await after('\x1b[<u'),
    await after('\x1b[=5u'),
    await after('\x1b[=0u'),
    await after('\x1b[>1u\x1bc'),
  ]).toEqual([true, false, false, true, false, false]);
});
