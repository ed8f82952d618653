/** What stands in the way of a screen reader, or of eyes that see less, by axe. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';

/**
 * Judges when nothing fades or slides any more: what is half there has colours of its own.
 *
 * @returns the rule and the element of each fault
 */
export async function axe(page: Page, without: readonly string[] = []): Promise<string[]> {
  await page.waitForFunction(() =>
    document
      .getAnimations()
      .every(({ playState, effect }) => playState !== 'running' || effect?.getComputedTiming().endTime === Infinity),
  );
  const builder = without.reduce((all, selector) => all.exclude(selector), new AxeBuilder({ page }));
  const { violations } = await builder.analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id} ${html.slice(0, 200)}`));
}
