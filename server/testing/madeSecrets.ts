/** Secrets of an instance that never runs. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureSecrets, type Secrets } from '../../scripts/supervisor/secrets.ts';

export function madeSecrets(shardIds: string[]): Secrets {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-made-'));
  try {
    return ensureSecrets(join(directory, 'secrets.json'), shardIds);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
