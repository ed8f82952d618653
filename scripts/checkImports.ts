/** Checks who imports whom, against the layout in checkImports/layers.ts: `npm run check:imports`. */
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findCycles } from './checkImports/cycles.ts';
import { judge } from './checkImports/rules.ts';
import { readSources, type Source } from './checkImports/sources.ts';

function lineOfImport(sources: Source[], from: string, to: string): number {
  const source = sources.find(({ path }) => path === from);
  return source?.imports.find(({ target }) => target === to)?.line ?? 1;
}

function main(root: string): number {
  const sources = readSources(root);
  const violations = sources.flatMap(judge);
  for (const { path, line, rule } of violations) console.error(`${path}:${line}: ${rule}`);
  const cycles = findCycles(sources);
  for (const cycle of cycles) {
    const line = lineOfImport(sources, cycle[0]!, cycle[1] ?? cycle[0]!);
    console.error(
      `${cycle[0]}:${line}: files must not import each other in a circle: ${[...cycle, cycle[0]].join(' → ')}`,
    );
  }
  const problems = violations.length + cycles.length;
  console.log(`${sources.length} files, ${problems === 0 ? 'every import is allowed' : `${problems} problems`}`);
  return problems === 0 ? 0 : 1;
}

process.exitCode = main(process.argv[2] ?? resolve(dirname(fileURLToPath(import.meta.url)), '..'));
