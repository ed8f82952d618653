import { expect, test } from 'vitest';
import { mend, type RowFactory } from './inverseText.ts';

test('inverse text has the ground’s colour where that is the default, and everything else its own', () => {
  const [foreground, background, red] = [{ name: 'text' }, { name: 'ground' }, { name: 'red' }];
  const seen: object[] = [];
  class Factory implements RowFactory {
    _themeService = { colors: { foreground, background } };
    _applyMinimumContrast(_element: HTMLElement, _bg: object, fg: object): boolean {
      seen.push(fg);
      return false;
    }
  }
  mend(Factory.prototype);
  mend(Factory.prototype); // another terminal
  const draw = (fg: object, isInverse: number, isBgDefault: boolean) => {
    const kind: RowFactory = new Factory();
    const cell = { isInverse: () => isInverse, isBgDefault: () => isBgDefault };
    kind._applyMinimumContrast(null as never, red, fg, cell);
  };
  draw(foreground, 0, true);
  draw(foreground, 67108864, true);
  draw(foreground, 67108864, false);
  draw(red, 67108864, true);
  expect(seen).toEqual([foreground, background, foreground, red]);
});
