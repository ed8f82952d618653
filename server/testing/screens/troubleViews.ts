/** What is said when something is wrong, waits, or is gone. */
import { waitForConnection, waitForScreen } from '../browser.ts';
import { onPhones, type View } from './view.ts';

export const phoneViews: View[] = [
  {
    name: 'compose',
    isAt: onPhones,
    async show(scene) {
      await scene.openWindow('shell');
      await waitForScreen(scene.page, /insertions/);
      await scene.button('Compose a line').tap();
      await scene.page.getByTestId('compose-line').fill('Say what was lost, and why it could not be kept.');
    },
  },
  {
    name: 'more-keys',
    isAt: onPhones,
    async show(scene) {
      await scene.openWindow('shell');
      await waitForScreen(scene.page, /insertions/);
      await scene.button('More keys').tap();
    },
    async leave(scene) {
      await scene.button('More keys').tap();
    },
  },
  {
    name: 'selection',
    isAt: onPhones,
    async show(scene) {
      await scene.openWindow('shell');
      await waitForScreen(scene.page, /insertions/);
      const { page } = scene;
      const fingers = await page.context().newCDPSession(page);
      const row = (await page.locator('.xterm-rows > div', { hasText: 'docs/missing.md' }).first().boundingBox())!;
      const at = { x: row.x + 130, y: row.y + row.height / 2 };
      await fingers.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [at] });
      await page.getByTestId('touch-selection').waitFor();
      await fingers.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    },
  },
];

export const troubleViews: View[] = [
  {
    name: 'update-waiting',
    async show(scene) {
      await scene.openWindow('shell');
      await waitForScreen(scene.page, /insertions/);
      // The same worker under another address is another one to the browser, and a page that names a script which it does not have is
      // of another build to the worker.
      await scene.page.evaluate(async () => {
        await navigator.serviceWorker.ready;
        document.head.append(
          Object.assign(document.createElement('script'), { type: 'module', src: '/assets/earlier.js' }),
        );
        await navigator.serviceWorker.register('/sw.js?next');
      });
      await scene.button(/update ready/i).waitFor();
    },
  },
  {
    name: 'link-unknown',
    async show(scene) {
      await scene.openWindow('shell');
      await waitForScreen(scene.page, /insertions/);
      await scene.page.goto(`${scene.stage.origin}/?open=${encodeURIComponent('https://elsewhere.example/')}`);
      await scene.page.getByText('That link asks for nothing').waitFor();
      await waitForScreen(scene.page, /insertions/);
    },
  },
  {
    name: 'part-missing',
    async show(scene) {
      await scene.openWindow('shell');
      await waitForScreen(scene.page, /insertions/);
      // As when code cannot be fetched, which the service worker has here.
      await scene.page.evaluate(() => dispatchEvent(new Event('vite:preloadError')));
      await scene.button('Restart this window').waitFor();
    },
  },
  {
    name: 'offline',
    async show(scene) {
      await scene.openWindow('shell');
      await waitForScreen(scene.page, /insertions/);
      await scene.page.waitForFunction(() => navigator.serviceWorker.controller !== null);
      scene.stage.network.block();
      await waitForConnection(scene.page, 'offline');
      await scene.terminal.click();
      await scene.type('git push');
      await scene.page.getByTestId('held-notice').waitFor();
    },
  },
  {
    name: 'offline-start',
    goesOn: true,
    async show(scene) {
      scene.page.once('dialog', (question) => void question.accept());
      await scene.page.getByTestId('held-notice').getByRole('button', { name: 'Drop' }).click();
      await scene.page.reload();
      await waitForScreen(scene.page, /insertions/);
      await waitForConnection(scene.page, 'offline');
    },
    async leave(scene) {
      scene.stage.network.restore();
      await waitForConnection(scene.page, 'online');
    },
  },
];

export const lossViews: View[] = [
  {
    name: 'lost',
    async show(scene) {
      await scene.openWindow('deploy', 'shell');
      await scene.page.getByRole('tab', { name: /deploy/ }).click();
      await scene.page.getByTestId('lost-strip').waitFor();
      await waitForScreen(scene.page, /step 3/);
    },
  },
  {
    name: 'sidebar',
    async show(scene) {
      await scene.openWindow('deploy', 'agent', 'build');
      await waitForScreen(scene.page, /release.md/);
      await scene.showSidebar();
      // The command failed half a minute after it was begun.
      await scene.page.locator('.session', { hasText: 'tests' }).locator('.sign--attention').waitFor();
    },
  },
];
