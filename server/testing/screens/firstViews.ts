/** What is seen before there is anything: signed out, and the first minutes. */
import type { View } from './view.ts';

export const signedOut: View[] = [
  {
    name: 'signed-out',
    async show({ page, stage }) {
      await page.goto(stage.origin);
      await page.getByText('npm run link').first().waitFor();
    },
  },
  {
    name: 'link-expired',
    async show({ page, stage }) {
      await page.goto(`${stage.origin}/?signIn=expired`);
      await page.getByText('npm run link').first().waitFor();
    },
  },
];

export const firstUse: View[] = [
  {
    name: 'tour',
    async show({ page }) {
      await page.getByTestId('tour').waitFor();
    },
    async leave({ page }) {
      await page.getByTestId('tour').getByRole('button', { name: 'Skip' }).click();
      await page.getByTestId('tour').waitFor({ state: 'detached' });
    },
  },
  {
    name: 'install-card',
    goesOn: true,
    async show({ page }) {
      // As Chromium says it where it can install the app.
      await page.evaluate(() => {
        const offer = new Event('beforeinstallprompt', { cancelable: true });
        dispatchEvent(Object.assign(offer, { prompt: () => Promise.resolve({ outcome: 'dismissed' }) }));
      });
      await page.getByTestId('install-card').waitFor();
    },
    async leave({ page }) {
      await page.getByTestId('install-card').getByRole('button', { name: 'Not now' }).click();
    },
  },
  {
    name: 'first-use',
    goesOn: true,
    async show(scene) {
      await scene.openWindow();
      await scene.page.getByText('No terminal is open here').waitFor();
    },
  },
];
