// @vitest-environment happy-dom
import { expect, test } from 'vitest';
import { pastedFiles } from './givenFiles.ts';

const NOW = new Date(2026, 10, 25, 9, 30, 5);
const holding = (types: string[], ...names: string[]) => {
  const files = names.map((name) => new File(['x'], name, { type: 'image/png' }));
  return { types, files } as unknown as DataTransfer;
};
const names = (data: DataTransfer | null) => pastedFiles(data, NOW)?.files.map(({ name }) => name) ?? null;

test('a picture of the clipboard gets a name that says when', () => {
  expect(names(holding(['Files'], 'image.png'))).toEqual(['pasted-20261125-093005.png']);
  expect(names(holding(['text/html', 'Files'], 'image.png'))).toEqual(['pasted-20261125-093005.png']);
});

test('a copied file keeps its name, although it also says that as text', () => {
  expect(names(holding(['text/plain', 'Files'], 'report.pdf'))).toEqual(['report.pdf']);
});

test('text is pasted as text, also with a picture of it', () => {
  expect(names(holding(['text/plain']))).toBeNull();
  expect(names(holding(['text/plain', 'text/html', 'Files'], 'image.png'))).toBeNull();
  expect(names(null)).toBeNull();
});
