/**
 * Tries this build together with an older release of this repository, as windows and servers meet while one is exchanged for the other:
 * an old window with these servers, this window with old servers, and servers exchanged under an open window, both ways.
 * npm run skew -- REVISION   (builds that revision in a folder of its own: minutes)
 */
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { openBrowser, typeLine, waitForConnection, waitForScreen } from '../server/testing/browser.ts';
import { FaultProxy } from '../server/testing/faultProxy.ts';
import { ReleaseProxy } from '../server/testing/releaseProxy.ts';
import { startStack } from '../server/testing/stack.ts';
import { buildOlderRelease } from './skew/olderRelease.ts';
import { STEPS, type Walk } from './skew/walk.ts';

const [revision, ...more] = process.argv.slice(2);
if (!revision || more.length > 0) {
  console.error('Usage: npm run skew -- REVISION');
  process.exit(2);
}

const here = resolve(import.meta.dirname, '..');
let failures = 0;

async function step(name: string, take: () => Promise<void>): Promise<void> {
  const error = await take().then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error) failures++;
  console.log(`  ${error ? 'FAILED' : 'ok    '} ${name}${error instanceof Error ? `\n         ${error.message}` : ''}`);
}

/** What the page, or an answer to it, complained of. */
function complaintsOf(page: Page): string[] {
  const found: string[] = [];
  page.on('pageerror', (error) => found.push(error.message));
  page.on('response', (response) => {
    // While the network is cut, or servers are exchanged, there is none.
    if (response.status() >= 400 && ![502, 503, 504].includes(response.status()))
      found.push(`${response.status()} of ${new URL(response.url()).pathname}`);
  });
  return found;
}

/** A window of one release with servers of another, which are exchanged for those of the first in the end. */
async function meet(title: string, window: string, servers: string): Promise<void> {
  console.log(`\n${title}`);
  const settings = { authMode: 'token' as const, shards: 1, env: { HOLDFAST_EMAIL: 'ada@example.com' } };
  let stack = await startStack({ ...settings, root: servers });
  const release = await ReleaseProxy.start(stack.port, join(window, 'dist/pwa'));
  const network = await FaultProxy.start(release.port);
  const browser = await openBrowser();
  try {
    const page = await browser.context.newPage();
    const complaints = complaintsOf(page);
    await page.goto(stack.readyUrl.replace(String(stack.port), String(network.port)));
    await page.getByRole('button', { name: 'Skip' }).click();
    const walk: Walk = { page, network };
    for (const [name, take] of STEPS) await step(name, () => take(walk));
    /** On the same folder and ports, as an update in place. */
    const exchange = async (root: string, mark: string) => {
      await stack.stop();
      await waitForConnection(page, 'offline');
      stack = await startStack({ ...settings, root, home: stack.home, ports: [stack.port, ...stack.backendPorts] });
      await waitForConnection(page, 'online');
      await page.getByRole('button', { name: 'Revive' }).click();
      await page.getByRole('button', { name: 'Revive' }).waitFor({ state: 'detached' });
      await page.locator('[data-testid="terminal"][data-state="live"]:visible').waitFor();
      await typeLine(page, `clear; echo revived-"${mark}"`);
      await waitForScreen(page, new RegExp(`^revived-${mark}`));
    };
    await step('servers are exchanged under the open window, and the session is revived', () =>
      exchange(window, 'new'),
    );
    await step('and changed back', () => exchange(servers, 'old'));
    await step('the page complained of nothing', () => {
      const found = [...new Set(complaints)].join('\n         ');
      return found === '' ? Promise.resolve() : Promise.reject(new Error(found));
    });
  } finally {
    await browser.remove();
    await network.close();
    await release.close();
    await stack.remove();
  }
}

console.log(`Building ${revision} …`);
const older = buildOlderRelease(revision);
try {
  console.log(`This build and ${older.name}`);
  await meet('An old window, these servers', older.root, here);
  await meet('This window, old servers', here, older.root);
} finally {
  older.remove();
}
console.log(failures === 0 ? '\nThey work together.' : `\n${failures} steps failed.`);
process.exitCode = failures === 0 ? 0 : 1;
