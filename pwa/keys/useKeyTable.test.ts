import { expect, test } from 'vitest';
import { createApp } from 'vue';
import { createBrowser, createServer } from '../../server/testing/preferencesInMemory.ts';
import { preferencesKey } from '../settings/usePreferences.ts';
import { actionsKey, createActions } from '../ui/actions.ts';
import { useKeyTable } from './useKeyTable.ts';

/** The tables of keys in two windows of one browser. */
async function openTwo() {
  const actions = createActions();
  const action = (id: string) => ({ id, title: id, group: 'Window', run: () => {} }) as const;
  actions.add(['tab.next', 'tab.close', 'palette.show'].map(action));
  const browser = createBrowser(createServer());
  const tableOf = async () => {
    const app = createApp({})
      .provide(actionsKey, actions)
      .provide(preferencesKey, await browser.open());
    return app.runWithContext(useKeyTable);
  };
  return [await tableOf(), await tableOf()] as const;
}
const written = (...lines: [keys: string, action: string | null][]) =>
  JSON.stringify({ bindings: lines.map(([keys, action]) => ({ keys, action })) });

test('what another window did to keys while they were written as JSON stays', async () => {
  const [one, other] = await openTwo();
  one.take('F2', 'tab.next', null);
  const shown = JSON.stringify({ bindings: one.own.value });
  other.take('F3', 'tab.close', null);
  expect(one.replaceAll(written(['F2', 'tab.close']), shown)).toBeNull();
  expect(JSON.stringify({ bindings: other.own.value })).toBe(written(['F2', 'tab.close'], ['F3', 'tab.close']));
});

test('lines that cannot be together are refused as JSON, also with one of another window; those that stand already are not', async () => {
  const [one, other] = await openTwo();
  expect(one.replaceAll(written(['Ctrl+Q Ctrl+W', 'tab.next'], ['Ctrl+Q', 'tab.close']), written())).toBe(
    'the second key of Ctrl+Q Ctrl+W would never be waited for: Ctrl+Q is “tab.close” by itself.',
  );
  other.take('Ctrl+Q', 'tab.close', null);
  expect(one.replaceAll(written(['Ctrl+Q Ctrl+W', 'tab.next']), written())).toMatch(/^the second key of Ctrl\+Q/);
  expect(one.own.value).toEqual([{ keys: 'Ctrl+Q', action: 'tab.close' }]);

  one.take('F2 F3', 'tab.next', null);
  one.take('F2', 'tab.close', null); // of which the table only warns
  const shown = JSON.stringify({ bindings: one.own.value });
  expect(one.replaceAll(shown, shown)).toBeNull();
});
