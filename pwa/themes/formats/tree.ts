/** Colours within objects, as JSON, TOML and YAML have them. Pure. */
import { ANSI_NAMES } from '../../terminal/colors.ts';
import type { AnsiName, ColorName } from '../../terminal/colors.ts';
import type { Spots } from '../fileTheme.ts';

export type Tree = Record<string, unknown>;

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What lies at `a.b.c`, by members of their own only. */
export function at(tree: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((part, key) => (isTree(part) && Object.hasOwn(part, key) ? part[key] : undefined), tree);
}

/** @param paths for each colour where it may be; the first that is there counts */
export function spotsAt(tree: unknown, paths: Partial<Record<ColorName, readonly string[]>>): Spots {
  const spots: Spots = {};
  for (const [name, places] of Object.entries(paths) as [ColorName, readonly string[]][]) {
    const field = places.find((place) => ![undefined, null].includes(at(tree, place) as null | undefined));
    if (field !== undefined) spots[name] = { text: at(tree, field), field };
  }
  return spots;
}

export const PLAIN_NAMES = ANSI_NAMES.slice(0, 8) as readonly AnsiName[];
export const brightOf = (name: string) => `bright${name[0]!.toUpperCase()}${name.slice(1)}` as AnsiName;

/** The sixteen, by what each is called. */
export function ansiPaths(pathOf: (name: AnsiName) => string): Partial<Record<ColorName, string[]>> {
  return Object.fromEntries(ANSI_NAMES.map((name) => [name, [pathOf(name)]]));
}
