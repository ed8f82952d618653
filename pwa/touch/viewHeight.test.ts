import { expect, test } from 'vitest';
import { viewOf, watchView } from './viewHeight.ts';

function createWorld() {
  const style = new Map<string, string>();
  const visual = Object.assign(new EventTarget(), { height: 844, scale: 1 });
  const page = Object.assign(new EventTarget(), { innerHeight: 844, scrolls: 0, scrollTo: () => void page.scrolls++ });
  const root = {
    style: {
      setProperty: (name: string, value: string) => void style.set(name, value),
      removeProperty: (name: string) => void style.delete(name),
    },
    dataset: {} as DOMStringMap,
  };
  const seen = () => [style.get('--view-height') ?? null, root.dataset.room ?? 'plenty'];
  return { visual, page, root, seen };
}

test.each([
  ['without a keyboard the browser knows best', { visibleHeight: 844, pageHeight: 844, scale: 1 }, null, 'plenty'],
  ['an address bar is no keyboard', { visibleHeight: 790, pageHeight: 844, scale: 1 }, null, 'plenty'],
  [
    'a keyboard over the page leaves what is visible',
    { visibleHeight: 508.5, pageHeight: 844, scale: 1 },
    508,
    'short',
  ],
  [
    'a browser that makes the page smaller needs no help',
    { visibleHeight: 508, pageHeight: 508, scale: 1 },
    null,
    'short',
  ],
  ['zooming in is no keyboard', { visibleHeight: 422, pageHeight: 844, scale: 2 }, null, 'plenty'],
  [
    'on its side a phone has room for the terminal only',
    { visibleHeight: 180, pageHeight: 390, scale: 1 },
    180,
    'tiny',
  ],
])('%s', (_, facts, heightPx, room) => {
  expect(viewOf(facts)).toEqual({ heightPx, room });
});

test('the app follows the keyboard up and down, and nothing is left of it afterwards', () => {
  const { visual, page, root, seen } = createWorld();
  const stop = watchView({ visual, page, root });
  const before = seen();
  visual.height = 500;
  visual.dispatchEvent(new Event('resize'));
  const open = [...seen(), page.scrolls];
  visual.height = 844;
  visual.dispatchEvent(new Event('resize'));
  const closed = seen();
  visual.height = 500;
  visual.dispatchEvent(new Event('resize'));
  stop();
  visual.dispatchEvent(new Event('resize'));
  expect([before, open, closed, seen()]).toEqual([
    [null, 'plenty'],
    ['500px', 'short', 1],
    [null, 'plenty'],
    [null, 'plenty'],
  ]);
});

test('a browser that knows no visual viewport is followed by its window', () => {
  const { page, root, seen } = createWorld();
  const stop = watchView({ visual: null, page, root });
  page.innerHeight = 300;
  page.dispatchEvent(new Event('resize'));
  expect(seen()).toEqual([null, 'tiny']);
  stop();
});
