/** How a window's areas are kept: what the docking library wrote, which only it understands, and which areas there are. Pure. */

/** To another area, or where a new one goes. */
export type Direction = 'left' | 'right' | 'up' | 'down';

/** As dockview serializes it. */
export type DockLayout = Record<string, unknown>;

/** Larger is no layout of a window. */
const MAX_BYTES = 32 * 1024;

/** Null when it is none: then everything is in one area. */
export function parseDockLayout(value: unknown): DockLayout | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const { grid, panels } = value as { grid?: unknown; panels?: unknown };
  if (typeof grid !== 'object' || typeof panels !== 'object' || grid === null || panels === null) return null;
  return JSON.stringify(value).length <= MAX_BYTES ? (value as DockLayout) : null;
}

/** Whether there is more than one area: one alone is what a window has anyway. */
export function isSplit(layout: DockLayout | null): boolean {
  const root = (layout?.['grid'] as { root?: unknown } | undefined)?.root;
  return leavesOf(root) > 1;
}

function leavesOf(node: unknown): number {
  if (typeof node !== 'object' || node === null) return 0;
  const { type, data } = node as { type?: unknown; data?: unknown };
  if (type === 'leaf') return 1;
  return Array.isArray(data) ? data.reduce<number>((sum, child) => sum + leavesOf(child), 0) : 0;
}
