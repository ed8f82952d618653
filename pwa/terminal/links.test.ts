import { expect, test } from 'vitest';
import { followsAtOnce, linkOf } from './links.ts';

test('only addresses of the web are followed', () => {
  const uris = ['javascript:alert(1)', 'file:///etc/passwd', 'data:text/html,x', 'vscode://x', 'not an address', ''];
  expect(uris.map((uri) => linkOf(uri))).toEqual(uris.map(() => null));
  expect(linkOf('https://example.com/a?b')).toEqual({ target: 'https://example.com/a?b', isMisleading: false });
});

test('a text that names another site is misleading', () => {
  const evil = 'https://evil.example/x';
  expect([
    linkOf(evil, 'github.com')?.isMisleading,
    linkOf(evil, 'https://github.com/login')?.isMisleading,
    linkOf('https://github.com@evil.example/')?.isMisleading,
    linkOf(evil, 'click here')?.isMisleading,
    linkOf('https://docs.github.com/x', 'github.com')?.isMisleading,
  ]).toEqual([true, true, true, false, false]);
});

test('letters that look like others are shown as they are resolved', () => {
  expect(linkOf('https://gіthub.com/')?.target).toMatch(/^https:\/\/xn--gthub-/);
});

test('a plain click never follows, and a misleading link asks even with Ctrl', () => {
  const [plain, ctrl] = [
    { ctrlKey: false, metaKey: false },
    { ctrlKey: true, metaKey: false },
  ];
  const [honest, misleading] = [linkOf('https://a.com')!, linkOf('https://a.com', 'https://b.com')!];
  expect([followsAtOnce(plain, honest), followsAtOnce(ctrl, honest), followsAtOnce(ctrl, misleading)]).toEqual([
    false,
    true,
    false,
  ]);
});
