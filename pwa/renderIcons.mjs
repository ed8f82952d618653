// Renders the app's icons from public/icons/holdfast.svg: `node pwa/renderIcons.mjs`, after the drawing has changed.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const icons = new URL('./public/icons/', import.meta.url);
const drawing = readFileSync(new URL('holdfast.svg', icons), 'utf8');
// A maskable icon fills its square, with everything that matters inside the middle 80 %.
const maskable = drawing
  .replace('viewBox="0 0 64 64"', 'viewBox="-8 -8 80 80"')
  .replace(/<rect[^>]*>/, '<rect x="-8" y="-8" width="80" height="80" fill="#15191c" />');

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
for (const [name, svg, size] of [
  ['holdfast-192.png', drawing, 192],
  ['holdfast-512.png', drawing, 512],
  ['holdfast-maskable-512.png', maskable, 512],
]) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  await page.setContent(`<style>body{margin:0}svg{display:block;width:100vw;height:100vh}</style>${svg}`);
  await page.screenshot({ path: fileURLToPath(new URL(name, icons)), omitBackground: true });
}
await browser.close();
