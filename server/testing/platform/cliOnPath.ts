/** Puts the stand-in CLI on a PATH: bundled once, so that each of a deploy's dozens of calls starts in a blink. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** @returns the folder to put in front of PATH */
export async function putCliOnPath(platformFolder: string): Promise<string> {
  const bin = join(platformFolder, 'bin');
  mkdirSync(bin, { recursive: true });
  const bundle = join(platformFolder, 'databricks.mjs');
  await build({
    entryPoints: [fileURLToPath(new URL('cliEntry.ts', import.meta.url))],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'warning',
  });
  const command = [process.execPath, bundle, platformFolder].map((word) => `'${word}'`).join(' ');
  writeFileSync(join(bin, 'databricks'), `#!/bin/sh\nexec ${command} "$@"\n`);
  chmodSync(join(bin, 'databricks'), 0o755);
  return bin;
}
