/** Judges single imports and reads of the environment. */
import { layerOf, layers } from './layers.ts';
import type { Import, Source } from './sources.ts';

export interface Violation {
  path: string;
  line: number;
  rule: string;
}

/** What routes and sockets serve is decided in one place. */
const EDGE_FILE = /^server\/.*(Routes|Socket)\.ts$/;
const READS_ENVIRONMENT =
  /^(server\/config\.ts|scripts\/(supervisor|attach|deploy|platform|development|build)\/env\.ts|db\/testingSetup\.ts|[^/]+\.ts)$/;

export function judge(source: Source): Violation[] {
  const { path, imports } = source;
  const broken = imports.flatMap((item) => {
    const rule = brokenRule(path, item);
    return rule ? [{ path, line: item.line, rule }] : [];
  });
  return [...broken, ...environmentViolations(source)];
}

function environmentViolations({ path, environmentLines }: Source): Violation[] {
  if (READS_ENVIRONMENT.test(path) || layerOf(path) === 'tests') return [];
  return environmentLines.map((line) => ({
    path,
    line,
    rule: 'only server/config.ts, the env.ts of scripts/ and the tools at the root read the environment',
  }));
}

/** The rule as a sentence, or null when the import is allowed. */
function brokenRule(path: string, { specifier, target }: Import): string | null {
  const from = layerOf(path);
  if (from === 'none') return `${path} belongs to no folder of the layout`;
  const layer = layers[from]!;
  if (target === null) {
    return layer.packages && !layer.packages.test(specifier) ? `${from} may not import the package ${specifier}` : null;
  }
  return edgeRule(path, from, target) ?? layerRule(from, layer.layers, target, specifier);
}

function edgeRule(path: string, from: string, target: string): string | null {
  if (!EDGE_FILE.test(target)) return null;
  const isAllowed = ['server/compose', 'server entries', 'tests'].includes(from) || path === target;
  return isAllowed ? null : `${target} is an edge: only compose imports routes and sockets`;
}

function layerRule(from: string, allowed: string[], target: string, specifier: string): string | null {
  const to = layerOf(target);
  if (to === from || allowed.includes(to)) return null;
  if (to === 'tests') return from === 'tooling' ? null : `${specifier} is for tests only`;
  if (target === 'package.json') return null;
  return allowed.includes('*') ? null : `${from} may import ${allowed.join(', ') || 'nothing of ours'}, but not ${to}`;
}
