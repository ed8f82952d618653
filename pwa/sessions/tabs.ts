/** Tabs as values: which sessions this window has open, in which order, and which one is in view. */
export interface Tabs {
  open: readonly string[];
  active: string | null;
}

export const noTabs: Tabs = { open: [], active: null };

export function openTab(tabs: Tabs, id: string): Tabs {
  return { open: tabs.open.includes(id) ? tabs.open : [...tabs.open, id], active: id };
}

/** Which tab takes over from this one, where sessions are shown beside each other; null: the order of the tabs says it. */
export type Heir = (id: string) => string | null;
const noHeir: Heir = () => null;

/** Its heir takes over, or else the neighbour to the right, at the end the one to the left. */
export function closeTab(tabs: Tabs, id: string, heirOf = noHeir): Tabs {
  const at = tabs.open.indexOf(id);
  const open = tabs.open.filter((other) => other !== id);
  if (tabs.active !== id) return { open, active: tabs.active };
  const heir = heirOf(id);
  return { open, active: open.find((other) => other === heir) ?? open[Math.min(at, open.length - 1)] ?? null };
}

/** @param step 1 for the next, -1 for the previous; past the end it goes round */
export function stepTab(tabs: Tabs, step: 1 | -1): Tabs {
  if (tabs.open.length === 0) return tabs;
  const at = tabs.active === null ? -1 : tabs.open.indexOf(tabs.active);
  return { ...tabs, active: tabs.open[(at + step + tabs.open.length) % tabs.open.length]! };
}

/** @param number from 1; 9 is the last one, as in browsers */
export function numberedTab(tabs: Tabs, number: number): Tabs {
  const id = number === 9 ? tabs.open.at(-1) : tabs.open[number - 1];
  return id === undefined ? tabs : { ...tabs, active: id };
}

/**
 * What the person sees; first the tab whose keys these are.
 * @param inFront of their panes; null while one session is shown at a time
 */
export function tabsInView({ open, active }: Tabs, inFront: ReadonlySet<string> | null): string[] {
  const inView = open.filter((id) => (inFront ? inFront.has(id) : id === active));
  return inView.sort((one, other) => Number(other === active) - Number(one === active));
}

/** Without the tabs of sessions that are no more. */
export function keepTabs(tabs: Tabs, isThere: (id: string) => boolean, heirOf = noHeir): Tabs {
  return tabs.open.filter((id) => !isThere(id)).reduce((left, id) => closeTab(left, id, heirOf), tabs);
}

export function parseTabs(text: string | null): Tabs | null {
  try {
    const { open, active } = JSON.parse(text ?? 'null') as Tabs;
    if (!Array.isArray(open) || !open.every((id) => typeof id === 'string')) return null;
    return { open, active: active !== null && open.includes(active) ? active : (open[0] ?? null) };
  } catch {
    return null;
  }
}
