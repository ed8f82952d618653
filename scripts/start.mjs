/** `npm start`: installs and builds what is missing or stale, then (without --prepare) becomes the launcher. Plain JavaScript without dependencies. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { sourceFingerprint } from './fingerprint.mjs';
import { fail, installPackages, isInstalled, readJson, root, run, unsupported } from './installation.mjs';

function isBuilt() {
  return readJson('dist/.build.json')?.fingerprint === sourceFingerprint(root);
}

const reason = unsupported();
if (reason) fail(reason);
const isOnlyPrepared = process.argv.includes('--prepare');
console.log(isOnlyPrepared ? 'Preparing Holdfast' : 'Starting Holdfast');
if (!isInstalled()) installPackages();
if (!isBuilt()) run('Building', process.execPath, ['--import', 'tsx', 'scripts/build.ts']);
if (!existsSync(join(root, 'dist/scripts/supervisor.js')))
  fail('The build made no launcher: run "npm run build" to see why.');
if (isOnlyPrepared) process.exit(0);
process.chdir(root);
process.setSourceMapsEnabled(true);
await import(pathToFileURL(join(root, 'dist/scripts/supervisor.js')).href);
