/** Builds everything into dist/: servers and scripts, the client library, the app. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import packageJson from '../package.json' with { type: 'json' };
import { checkWeights, weigh, type Manifest } from './build/budgets.ts';
import { buildClient } from './build/client.ts';
import { compressFiles } from './build/compress.ts';
import { told } from './build/env.ts';
import { copyScripts, serverOptions, serverPrograms } from './build/servers.ts';
import { buildVersion } from './build/version.ts';
import { sourceFingerprint } from './fingerprint.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const entries = [
  ...serverPrograms,
  'scripts/supervisor.ts',
  'scripts/stop.ts',
  'scripts/link.ts',
  'scripts/attach.ts',
  'scripts/drain.ts',
  'scripts/collectSecrets.ts',
  'scripts/runInstance.ts',
  'scripts/container.ts',
  'scripts/deploy.ts',
];

async function buildServers(outdir: string): Promise<void> {
  await build(serverOptions(root, entries, outdir, buildVersion(packageJson.version, told)));
  copyScripts(root, outdir);
}

async function buildApp(outdir: string): Promise<void> {
  await run('vite', ['build', '--logLevel', 'warn', '--outDir', outdir, '--emptyOutDir']);
  await compressFiles(outdir);
  const manifest = JSON.parse(readFileSync(join(outdir, '.vite/manifest.json'), 'utf8')) as Manifest;
  const weights = weigh(outdir, manifest);
  for (const { what, bytes, limit } of weights) tell(what, `${bytes} of ${limit} B`);
  checkWeights(weights);
}

/** A tool of node_modules; its output is shown when it fails. */
function run(tool: string, args: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(join(root, 'node_modules/.bin', tool), args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    const output: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => output.push(chunk));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) return resolve();
      reject(new Error(`${tool} ended with code ${code}:\n${Buffer.concat(output).toString()}`));
    });
  });
}

async function timed(name: string, work: Promise<void>): Promise<void> {
  const startedAt = performance.now();
  await work;
  tell(name, `${((performance.now() - startedAt) / 1000).toFixed(2)} s`);
}

function tell(what: string, figure: string): void {
  console.log(`    ${what.padEnd(45)} ${figure.padStart(26)}`);
}

/** Built elsewhere and swapped in, so that a running instance or a second build never meets half of it. */
async function main(): Promise<void> {
  const fingerprint = sourceFingerprint(root);
  const dist = join(root, 'dist');
  const workshop = join(root, 'node_modules/.cache', `build-${process.pid}`);
  const made = join(workshop, 'dist');
  try {
    mkdirSync(made, { recursive: true });
    await Promise.all([
      timed('servers', buildServers(made)),
      timed('client library', buildClient(root, join(made, 'client'), run)),
      timed('app', buildApp(join(made, 'pwa'))),
    ]);
    writeFileSync(join(made, '.build.json'), `${JSON.stringify({ fingerprint })}\n`);
    if (existsSync(dist)) renameSync(dist, join(workshop, 'old'));
    renameSync(made, dist);
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exit(1);
});
