import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { contrastBetween } from '../terminal/colors.ts';

const CSS = readFileSync(new URL('tokens.css', import.meta.url), 'utf8');
const TEXTS = ['--text', '--text-2', '--text-3', '--ok', '--bad', '--warn-text', '--info', '--accent'];
const SURFACES = ['--ground', '--surface', '--surface-2', '--surface-3'];

/** The tokens of a look: those of one rule over those of the rules before it. */
function tokensOf(family: string, mode: string): Record<string, string> {
  const rules = [':root', ...(mode === 'light' ? [":root[data-theme$='light']"] : [])];
  if (family) rules.push(`:root[data-theme='${family}-${mode}']`);
  const pairs = rules.flatMap((rule) => [
    ...CSS.split(`${rule} {`)[1]!
      .split('}')[0]!
      .matchAll(/(--[\w-]+): ([^;]+);/g),
  ]);
  return Object.fromEntries(pairs.map(([, name, value]) => [name!, value!]));
}

test.each([
  ['', 4.5],
  ['contrast', 7],
  ['lakehouse', 4.5],
])('every colour of text of the look “%s” is strong enough on every surface: %f', (family, least) => {
  const weak = ['dark', 'light'].flatMap((mode) => {
    const tokens = tokensOf(family, mode);
    const colorOf = (name: string): string => {
      const other = /^var\((.+)\)$/.exec(tokens[name]!)?.[1];
      return other ? colorOf(other) : tokens[name]!;
    };
    return TEXTS.flatMap((text) =>
      SURFACES.flatMap((surface) => {
        const contrast = contrastBetween(colorOf(text), colorOf(surface));
        return contrast < least ? [`${mode}: ${text} on ${surface} ${contrast.toFixed(2)}`] : [];
      }),
    );
  });
  expect(weak).toEqual([]);
});
