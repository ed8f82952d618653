/** Runs one of the built scripts, such as `stop`, `link` and `attach`: node scripts/run.mjs stop. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const name = process.argv[2];
const program = join(root, 'dist/scripts', `${name}.js`);
// Attaching also serves those who run no Holdfast here. What is built is taken as it is: an instance may be running from it.
if (name === 'attach' && !existsSync(program)) {
  const start = join(root, 'scripts/start.mjs');
  const { status } = spawnSync(process.execPath, [start, '--prepare'], { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) process.exit(1);
}
if (!existsSync(program)) {
  console.error('Holdfast is not built here yet: "npm start" builds and starts it.');
  process.exit(1);
}
process.chdir(root);
process.argv.splice(1, 2, program); // as if it had been started by itself
await import(pathToFileURL(program).href);
