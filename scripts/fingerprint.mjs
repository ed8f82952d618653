/** Tells whether a build is stale. Plain JavaScript, because it runs before anything is installed or built. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const SOURCES = [
  'protocol',
  'client',
  'db',
  'server',
  'pwa',
  'scripts',
  'package.json',
  'package-lock.json',
  'tsconfig.base.json',
  'tsconfig.json',
  'vite.config.ts',
];

/** SHA-256 over the names and contents of everything the build reads. */
export function sourceFingerprint(root) {
  const hash = createHash('sha256');
  for (const file of SOURCES.flatMap((name) => filesUnder(root, name))) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update('\0');
  }
  return hash.digest('hex');
}

function filesUnder(root, name) {
  const path = join(root, name);
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return /\.test\.ts$/.test(name) ? [] : [name];
  return readdirSync(path)
    .filter((child) => !child.startsWith('.') && child !== 'node_modules' && child !== 'testing')
    .sort()
    .flatMap((child) => filesUnder(root, `${name}/${child}`));
}
