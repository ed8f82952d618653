import { createHash } from 'node:crypto';
import { readdirSync, readlinkSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Exit } from '../../protocol/terminal.ts';
import { spawnPty } from './pty.ts';

const spec = (script: string) => ({
  file: '/bin/sh',
  args: ['-c', script],
  cwd: '/',
  env: { PATH: '/usr/bin:/bin', TERM: 'xterm-256color' },
  cols: 80,
  rows: 24,
});

/** Runs a script to its end; what it printed and how it ended. */
function run(
  script: string,
  onStart?: (pty: ReturnType<typeof spawnPty>) => void,
): Promise<{ output: Buffer; exit: Exit }> {
  const chunks: Buffer[] = [];
  return new Promise((resolve) => {
    const pty = spawnPty(spec(script), {
      onOutput: (bytes) => chunks.push(bytes),
      onExit: (exit) => resolve({ output: Buffer.concat(chunks), exit }),
    });
    onStart?.(pty);
  });
}

const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

test('a program that prints 200 kB and ends at once delivers its last byte every time', async () => {
  const expected = sha(Buffer.from('x'.repeat(199_999) + '!'));
  const runs = await Promise.all(
    Array.from({ length: 12 }, () => run(`head -c 199999 /dev/zero | tr '\\0' x; printf '!'`)),
  );
  expect(runs.map(({ output }) => sha(output))).toEqual(runs.map(() => expected));
});

test('nothing is lost when the pty is paused at the moment of the exit', async () => {
  const { output } = await run('printf begin; head -c 3000 /dev/zero | tr "\\0" y; printf end', (pty) => {
    pty.pause();
    setTimeout(() => pty.resume(), 600);
  });
  expect(output.toString()).toBe(`begin${'y'.repeat(3000)}end`);
});

test('a code and a signal are told apart', async () => {
  expect((await run('exit 7')).exit).toEqual({ code: 7, signal: null });
  expect((await run('kill -9 $$')).exit).toEqual({ code: null, signal: 9 });
});

test('a large paste arrives whole, and its end is told', async () => {
  const paste = Buffer.alloc(1024 * 1024, 'abcdefghij');
  let written = false;
  const { output } = await run('stty raw -echo; printf ready; head -c 1048576 | sha256sum', (pty) => {
    setTimeout(() => pty.write(paste, () => (written = true)), 200);
  });
  expect({ written, hash: /[0-9a-f]{64}/.exec(output.toString())?.[0] }).toEqual({ written: true, hash: sha(paste) });
});

test('a program inherits no descriptor but its terminal, also when others ended before it', async () => {
  const held = Array.from({ length: 12 }, (_, i) => run(i < 6 ? 'exit' : 'sleep 3'));
  await Promise.all(held.slice(0, 6)); // their descriptors are gaps below those of the others
  const { output } = await run(
    'cd /proc/self/fd; for fd in *; do [ $fd -gt 9 ] && echo $fd; done; ls -l . | grep -c ptmx',
  );
  expect(output.toString().trim()).toBe('0');
  await Promise.all(held);
});

test('ending takes the background jobs along', async () => {
  const { output } = await run('sleep 1000 & echo $!; trap "" HUP; sleep 1000', (pty) => {
    setTimeout(() => void pty.end(200), 200);
  });
  const pid = Number(output.toString().trim());
  expect(() => process.kill(pid, 0)).toThrow();
});

test('an ended pty leaves no descriptor open', async () => {
  await run('true');
  const ptmx = () =>
    readdirSync('/proc/self/fd').filter((fd) => {
      try {
        return /pt(mx|s)/.test(readlinkSync(`/proc/self/fd/${fd}`));
      } catch {
        return false;
      }
    }).length;
  const before = ptmx();
  for (let i = 0; i < 5; i++) await run('true');
  expect(ptmx()).toBe(before);
});
