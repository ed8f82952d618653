import { spawnSync } from 'node:child_process';
import { createPublicKey, sign, verify } from 'node:crypto';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { newKey } from './newKey.ts';

test('a key of each kind signs, and what it signs is verified', () => {
  for (const kind of ['ed25519', 'P-256'] as const) {
    const key = newKey(kind);
    const signed = sign(null, Buffer.from('text'), { key, format: 'jwk' });
    const own = createPublicKey({ key, format: 'jwk' });
    expect([kind, verify(null, Buffer.from('text'), own, signed), newKey(kind).x === key.x]).toEqual([
      kind,
      true,
      false,
    ]);
  }
});

test('keys are made as often as it may be while garbage is collected', () => {
  const program = `import { newKey } from ${JSON.stringify(join(import.meta.dirname, 'newKey.ts'))};
    for (let i = 0; i < 2000; i++) newKey(i % 2 ? 'ed25519' : 'P-256');
    console.log('made');`;
  // Another process: one that hangs can be ended.
  const { stdout } = spawnSync(
    process.execPath,
    ['--gc-interval=37', '--import', 'tsx', '--input-type=module', '-e', program],
    { encoding: 'utf8', timeout: 100_000, killSignal: 'SIGKILL' },
  );
  expect(stdout.trim()).toBe('made');
});
