/** What must be there before anything of ours can run: a Node that will do, and the packages. Plain JavaScript without dependencies. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** Why Holdfast cannot run here, as one sentence; null when it can. */
export function unsupported() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19))
    return `Holdfast needs Node 20.19 or newer; this is ${process.versions.node}.`;
  const platform = `${process.platform} on ${process.arch}`;
  if (!['linux', 'darwin'].includes(process.platform) || !['x64', 'arm64'].includes(process.arch)) {
    return `Holdfast runs on Linux and macOS, on x64 and arm64; this is ${platform}.`;
  }
  if (process.platform === 'linux' && !process.report.getReport().header.glibcVersionRuntime) {
    return 'Holdfast needs a Linux with glibc; this one has another C library (musl).';
  }
  return null;
}

/** True when every package of the lockfile is there in its version; optional ones may be missing, they are for other platforms. */
export function isInstalled() {
  const locked = readJson('package-lock.json');
  const installed = readJson('node_modules/.package-lock.json');
  if (!installed) return false;
  return Object.entries(locked.packages)
    .filter(([path]) => path !== '')
    .every(([path, { version, optional, devOptional, peer }]) => {
      const found = installed.packages[path];
      return found ? found.version === version : Boolean(optional || devOptional || peer);
    });
}

export function installPackages() {
  const args = ['ci', '--include=dev', '--include=optional', '--no-fund', '--no-audit', '--loglevel=error'];
  run('Installing packages', 'npm', args);
}

export function readJson(file) {
  try {
    return JSON.parse(readFileSync(join(root, file), 'utf8'));
  } catch {
    return null;
  }
}

/** Says what begins, runs it with its own output, and says how long it took; ends the program when it fails. */
export function run(what, command, args) {
  console.log(`  ${what} …`);
  const startedAt = performance.now();
  const { status, signal } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (signal) process.exit(130);
  if (status !== 0) fail(`${what} failed: see the lines above.`);
  console.log(`  ${what.padEnd(65)} ${((performance.now() - startedAt) / 1000).toFixed(2).padStart(6)} s`);
}

export function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}
