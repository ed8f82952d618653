/** Prints a filled template: `npx tsx scripts/renderTemplate.ts app.yaml.backend.template NAME=value …`. */
import { readFileSync } from 'node:fs';
import { renderTemplate } from './deploy/template.ts';
import { complain } from './supervisor/progress.ts';

try {
  const [file, ...pairs] = process.argv.slice(2);
  if (!file) throw new Error('Say which template: renderTemplate.ts app.yaml.backend.template NAME=value …');
  const values = Object.fromEntries(pairs.map((pair) => [pair.split('=', 1)[0]!, pair.slice(pair.indexOf('=') + 1)]));
  process.stdout.write(renderTemplate(readFileSync(file, 'utf8'), values));
} catch (error) {
  complain((error as Error).message);
  process.exitCode = 1;
}
