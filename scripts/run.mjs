/** Runs one of the built scripts, such as `stop` and `link`, without building anything: node scripts/run.mjs stop. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const program = join(root, 'dist/scripts', `${process.argv[2]}.js`);
if (!existsSync(program)) {
  console.error('Holdfast is not built here yet: "npm start" builds and starts it.');
  process.exit(1);
}
process.chdir(root);
process.argv.splice(1, 2, program); // as if it had been started by itself
await import(pathToFileURL(program).href);
