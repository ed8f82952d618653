import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { settingNames, type InstanceKind } from '../../server/config.ts';
import { renderTemplate } from './template.ts';

const template = (kind: InstanceKind) =>
  readFileSync(resolve(import.meta.dirname, `../../app.yaml.${kind}.template`), 'utf8');
const namesIn = (text: string) => [...text.matchAll(/^ {2}- name: (\w+)$/gm)].map(([, name]) => name!);

test('a value is quoted, also when it holds quotes', () => {
  expect(renderTemplate("a: '@@X@@'\n", { X: `{"it's":1}` })).toBe(`a: '{"it''s":1}'\n`);
});

test('a placeholder that nothing fills, or that nobody meant as one, is refused', () => {
  for (const text of ["a: '@@X@@'", "a: '@@@'", "a: '${var.x}'", "a: '@@ X @@'"]) {
    expect(() => renderTemplate(text, {}), text).toThrow(expect.objectContaining({ code: 'config.invalid' }));
  }
});

test('a value brings neither lines nor placeholders of its own', () => {
  for (const X of ['a\nb', '@@Y@@', '${Y}', '\0']) {
    expect(() => renderTemplate("a: '@@X@@'", { X, Y: 'y' })).toThrow(
      expect.objectContaining({ code: 'config.invalid' }),
    );
  }
});

test.each(['backend', 'frontend'] as const)(
  'the template of the %s sets what its configuration reads, once each',
  (kind) => {
    const names = namesIn(template(kind));
    const known = new Set([...settingNames[kind].environment, ...settingNames[kind].secrets, 'NODE_ENV']);
    expect(names.filter((name) => !known.has(name))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  },
);

test.each(['backend', 'frontend'] as const)('secrets of the %s come from resources', (kind) => {
  const isPublic = new Set(['ASSERTION_PUBLIC_KEYS']);
  for (const name of settingNames[kind].secrets) {
    if (isPublic.has(name) || !namesIn(template(kind)).includes(name)) continue;
    expect(template(kind), name).toMatch(new RegExp(`- name: ${name}\n {4}valueFrom: `));
  }
});
