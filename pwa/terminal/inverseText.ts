/**
 * xterm.js (6.1.0-beta.337), where the page draws, takes inverse text of default colours for the text's own colour on itself, and
 * lifts it to just the least contrast: grey, where the ground's colour was meant. In the bars of less, top and htop, that is.
 */
import type { Terminal } from '@xterm/xterm';

interface Cell {
  isInverse(): number;
  isBgDefault(): boolean;
}
interface Colors {
  foreground: object;
  background: object;
}
export interface RowFactory {
  _themeService: { colors: Colors };
  _applyMinimumContrast(element: HTMLElement, bg: object, fg: object, cell: Cell, ...overrides: unknown[]): boolean;
}

const mended = new WeakSet<RowFactory>();

/** For all terminals at once: each time that the page draws instead of the GPU, it does so by another factory. */
export function mendInverseText(terminal: Terminal): void {
  // Nothing that is public lies between the two; without it everything is drawn as before.
  const { _core: core } = terminal as unknown as {
    _core?: { _renderService?: { _renderer?: { value?: { _rowFactory?: RowFactory } } } };
  };
  const factory = core?._renderService?._renderer?.value?._rowFactory;
  if (factory) mend(Object.getPrototypeOf(factory) as RowFactory);
}

export function mend(kind: RowFactory): void {
  if (mended.has(kind) || !('_applyMinimumContrast' in kind)) return;
  mended.add(kind);
  const apply = Reflect.get<RowFactory, '_applyMinimumContrast'>(kind, '_applyMinimumContrast');
  kind._applyMinimumContrast = function (this: RowFactory, element, bg, fg, cell, ...overrides) {
    const { foreground, background } = this._themeService.colors;
    const isGround = fg === foreground && cell.isInverse() !== 0 && cell.isBgDefault();
    return apply.call(this, element, bg, isGround ? background : fg, cell, ...overrides);
  };
}
