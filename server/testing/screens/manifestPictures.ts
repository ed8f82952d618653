/** The pictures that browsers show before the app is installed are two of the views: pwa/public/screenshots/, named by the manifest. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

const FOLDER = join(import.meta.dirname, '../../../pwa/public/screenshots');
const QUALITY = 80;
const FILES = new Map([
  ['terminal-1440-dark', 'wide'],
  ['more-keys-390-dark', 'narrow'],
]);

/** Of the view that was just taken, when it is one of them. */
export async function keepManifestPicture(page: Page, name: string): Promise<void> {
  const file = FILES.get(name);
  if (!file) return;
  const devtools = await page.context().newCDPSession(page);
  const { data } = await devtools.send('Page.captureScreenshot', { format: 'webp', quality: QUALITY });
  await devtools.detach();
  writeFileSync(join(FOLDER, `${file}.webp`), Buffer.from(data, 'base64'));
}
