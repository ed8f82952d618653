/** Takes a picture of a page that holds still: what would differ from run to run is replaced by words that do not. */
import type { Page } from 'playwright-core';
import { decodePng, type Picture } from './picture.ts';

/** Times, round trips and versions, wherever they stand. */
const FIXED: [RegExp, string][] = [
  [/(?:<1|\d+) ms\b/g, '12 ms'],
  [/last byte .*/, 'last byte now'],
  [/^offline \d+:\d\d$/, 'offline 0:42'],
  [/next try in \d+ s|trying now/, 'next try in 4 s'],
  [/(typed|kept) (?:now|\d+ s(?: ago)?)/, '$1 42 s ago'],
  [/\b(since|at) \d\d:\d\d\b/, '$1 09:41'],
  [/^\d\d:\d\d(:\d\d)?$/, '09:41'],
  [/expires \d{1,2} \w{3} \d{4}\b/, 'expires 31 May 2026'],
  [/(?<!expires )\b\d{1,2} \w{3} \d{4}\b/g, '2 Mar 2026'],
  [/(2026),? \d\d:\d\d$/, '$1, 09:41'],
  [/localhost:\d+/, 'localhost:8000'],
  [/^ANGLE .*/, 'ANGLE'],
  [/^[\d.]+ MB of \d+ MB/, '4.0 MB of 10240 MB'],
];

/** Cursors that blink, and bars of scrolling that fade. */
const STYLE = `
  .xterm-cursor { animation: none !important; }
  .xterm-scrollable-element > .scrollbar { transition: none !important; }
`;
const MAX_TRIES = 20;

/** Resolves when two pictures in a row are the same. */
export async function stillPicture(page: Page): Promise<Picture> {
  let last: Buffer | null = null;
  for (let i = 0; i < MAX_TRIES; i++) {
    await page.evaluate(
      fixTexts,
      FIXED.map(([pattern, text]) => [pattern.source, pattern.flags, text] as const),
    );
    const next = await page.screenshot({ style: STYLE, animations: 'disabled', caret: 'hide' });
    if (last?.equals(next)) break;
    last = next;
  }
  return decodePng(last!);
}

/** In the page. A component that draws anew writes its own words again, which are then replaced again. */
function fixTexts(fixed: (readonly [string, string, string])[]): void {
  const patterns = fixed.map(([source, flags, text]) => [new RegExp(source, flags), text] as const);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const before = node.nodeValue ?? '';
    const trimmed = before.trim();
    const after = patterns.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), trimmed);
    if (after !== trimmed) node.nodeValue = before.replace(trimmed, after);
  }
  // A token is another one each time.
  for (const field of document.querySelectorAll('input'))
    if (field.value.startsWith('hf_')) field.value = `hf_${'0123456789abcdef'.repeat(3)}`;
}
