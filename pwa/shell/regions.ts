/** The parts of the window that F6 walks through: the way out of a terminal, which takes every other key. */
const ORDER = ['sidebar', 'tabs', 'find', 'terminal', 'questions', 'notices', 'help', 'status'] as const;
/** What is best to land on in a part, in order of preference. */
const TARGETS = [
  '[aria-current="true"]',
  '[aria-selected="true"]',
  '.find-field',
  'button:not(:disabled)',
  'a[href]',
  '[tabindex="0"]',
];

/**
 * @param step 1 onwards, -1 back
 * @param focusPane gives the focus to the terminal in front; null where there is none
 */
export function moveRegion(step: 1 | -1, focusPane: (() => void) | null): void {
  const regions = ORDER.map((name) => ({ name, element: regionInView(name) })).filter(({ element }) => element);
  // The innermost one: notices and the find bar lie within the terminal they belong to.
  const current = document.activeElement?.closest<HTMLElement>('[data-region]')?.dataset['region'];
  const here = regions.findIndex(({ name }) => name === current);
  const start = here === -1 && step === -1 ? 0 : here;
  for (let i = 1; i <= regions.length; i++) {
    const { name, element } = regions[(start + step * i + regions.length * 2) % regions.length]!;
    if (name === 'terminal' && focusPane) return focusPane();
    const target = element!.inert ? null : targetIn(element!);
    if (!target) continue;
    target.focus();
    return;
  }
}

/** Of several terminals only one is in view. */
function regionInView(name: string): HTMLElement | undefined {
  const all = document.querySelectorAll<HTMLElement>(`[data-region="${name}"]`);
  return [...all].find((region) => region.checkVisibility());
}

function targetIn(region: HTMLElement): HTMLElement | null {
  for (const selector of TARGETS) {
    for (const candidate of region.querySelectorAll<HTMLElement>(selector))
      if (candidate.checkVisibility()) return candidate;
  }
  return null;
}
