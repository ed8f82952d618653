/** Finds files that import each other in a circle; type imports count, because they tie the files together just the same. */
import type { Source } from './sources.ts';

/** Each cycle as the paths along it; the last imports the first. At most one per group of entangled files. */
export function findCycles(sources: Source[]): string[][] {
  const known = new Set(sources.map(({ path }) => path));
  const edges = new Map(
    sources.map(({ path, imports }) => [
      path,
      imports.flatMap(({ target }) => (target !== null && known.has(target) ? [target] : [])),
    ]),
  );
  return groups(edges).flatMap((group) => {
    const cycle = shortestCycle(group, edges);
    return cycle ? [cycle] : [];
  });
}

/** Strongly connected components: from every file of a group every other one is reached. */
function groups(edges: Map<string, string[]>): string[][] {
  const found: string[][] = [];
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const open: string[] = [];
  const visit = (node: string): void => {
    index.set(node, index.size);
    low.set(node, index.get(node)!);
    open.push(node);
    for (const next of edges.get(node) ?? []) {
      if (!index.has(next)) visit(next);
      if (open.includes(next)) low.set(node, Math.min(low.get(node)!, low.get(next)!));
    }
    if (low.get(node) === index.get(node)) found.push(open.splice(open.indexOf(node)));
  };
  for (const node of edges.keys()) if (!index.has(node)) visit(node);
  return found;
}

/** The shortest way from the group's first file back to itself; null for a single file that does not import itself. */
function shortestCycle(group: string[], edges: Map<string, string[]>): string[] | null {
  const start = [...group].sort()[0]!;
  const paths = [[start]];
  const seen = new Set<string>();
  for (const path of paths) {
    for (const next of edges.get(path.at(-1)!) ?? []) {
      if (next === start) return path;
      if (!group.includes(next) || seen.has(next)) continue;
      seen.add(next);
      paths.push([...path, next]);
    }
  }
  return null;
}
