import { expect, test } from 'vitest';
import { checkWeights, chunksOf, namesIn } from './budgets.ts';

const manifest = {
  _shell: { file: 'assets/shell-1.js', imports: ['_vue'] },
  _vue: { file: 'assets/vue-1.js' },
  'Pane.vue': { file: 'assets/Pane-1.js', imports: ['_shell', '_links'] },
  _links: { file: 'assets/links-1.js', imports: ['Pane.vue'] },
};

test('what is weighed is what a page names and all that is imported at once, each file once', () => {
  const page = '<script type="module" src="/assets/shell-1.js"></script><link href="/assets/shell-1.css">';
  expect(namesIn(page, manifest)).toEqual(['_shell']);
  expect([...chunksOf(manifest, ['_shell'])]).toEqual(['assets/shell-1.js', 'assets/vue-1.js']);
  expect([...chunksOf(manifest, ['Pane.vue'])]).toEqual([
    'assets/Pane-1.js',
    'assets/shell-1.js',
    'assets/vue-1.js',
    'assets/links-1.js',
  ]);
  expect(() => chunksOf(manifest, ['Gone.vue'])).toThrow('there is no Gone.vue in the build');
});

test('a build that weighs a byte too much is refused with what it weighs', () => {
  const at = (bytes: number) => [{ what: 'first paint', bytes, limit: 60_000 }];
  expect(() => checkWeights(at(60_000))).not.toThrow();
  expect(() => checkWeights(at(60_001))).toThrow('too heavy: first paint: 60001 of 60000 bytes');
});
