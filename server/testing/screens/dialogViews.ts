/** Dialogs, over a terminal. */
import { waitForScreen } from '../browser.ts';
import type { Scene } from './scene.ts';
import { write } from './stage.ts';
import type { View } from './view.ts';

/** @param title as the palette has it */
function dialog(name: string, title: string, then: (scene: Scene) => Promise<unknown> = () => Promise.resolve()): View {
  return {
    name,
    async show(scene) {
      await overShell(scene);
      await scene.run(title);
      await scene.dialog.waitFor();
      await then(scene);
    },
  };
}

async function overShell(scene: Scene): Promise<void> {
  await scene.openWindow('shell');
  await waitForScreen(scene.page, /insertions/);
}

/** What a session printed, over half a minute: in how many pieces it came is another number each time. */
async function recordingOf(scene: Scene, name: string): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const bytes of await scene.hf.sessions.recording(scene.id(name))) parts.push(bytes);
  const [head, ...events] = Buffer.concat(parts).toString().trimEnd().split('\n');
  const calm = events.map((line, i) => {
    const [, kind, text] = JSON.parse(line) as [number, string, string];
    return JSON.stringify([(i / events.length) * 30, kind, text]);
  });
  const { timestamp: _, ...header } = JSON.parse(head!) as Record<string, unknown>;
  return Buffer.from([JSON.stringify(header), ...calm].join('\n') + '\n');
}

export const dialogViews: View[] = [
  {
    name: 'palette',
    async show(scene) {
      await overShell(scene);
      await scene.button(/search or run/i).click();
      await scene.page.locator('.palette input').fill('>');
      await scene.page.locator('.palette .entry').first().waitFor();
    },
  },
  {
    name: 'palette-found',
    goesOn: true,
    async show(scene) {
      await scene.page.locator('.palette input').fill('pane');
    },
  },
  {
    name: 'switcher',
    async show(scene) {
      await overShell(scene);
      await scene.button(/search or run/i).click();
      await scene.page.locator('.palette .entry').first().waitFor();
    },
  },
  dialog('settings', 'Settings…', ({ page }) => page.locator('.setting').first().waitFor()),
  {
    name: 'settings-json',
    goesOn: true,
    async show(scene) {
      await scene.button('Edit as JSON').click();
      await scene.page.getByLabel('Settings as JSON').waitFor();
    },
  },
  dialog('keyboard', 'Keyboard…'),
  dialog('self-test', 'Self-test…', ({ page }) =>
    page.locator('[data-testid="self-test-summary"][data-left="0"]').waitFor(),
  ),
  dialog('tokens-empty', 'Command-line tokens…', ({ page }) => page.getByText('There are no tokens.').waitFor()),
  {
    name: 'tokens',
    goesOn: true,
    async show({ page }) {
      for (const name of ['laptop', 'nightly build']) {
        await page.getByRole('textbox', { name: 'Name', exact: true }).fill(name);
        await page.getByRole('button', { name: 'Make token' }).click();
        await page.getByLabel(`${name}: copy it now`).waitFor();
        await page.getByLabel('Your tokens').getByText(name).waitFor();
      }
    },
  },
  dialog('notifications', 'Notifications…', ({ page }) => page.locator('.entry').first().waitFor()),
  dialog('project-new', 'New project…'),
  dialog('project-edit', 'Edit project…'),
  dialog('archived', 'Archived projects…', ({ page }) => page.getByText('old-prototype').waitFor()),
  dialog('rename', 'Rename session…'),
  dialog('close-session', 'End and close session'),
  dialog('files', 'Files…', ({ page }) => page.getByTestId('file-list').getByText('README.md').waitFor()),
  dialog('changes', 'Changes…', async ({ page }) => {
    await page.getByTestId('changed-files').getByText('src/log.ts').waitFor();
    await page.getByTestId('changed-files').getByText('src/log.ts').click();
    await page.getByTestId('diff').waitFor();
  }),
  {
    name: 'uploads',
    async show(scene) {
      await overShell(scene);
      const { page } = scene;
      const devtools = await page.context().newCDPSession(page);
      await devtools.send('Network.enable');
      // Nothing is sent after the first piece, so the list stands still.
      await devtools.send('Network.emulateNetworkConditions', {
        ...{ offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 1 },
      });
      write('drawing.png', Buffer.alloc(3 * 1024 * 1024));
      write('notes.txt', Buffer.alloc(700 * 1024));
      await page.getByTestId('terminal-files').setInputFiles(['/tmp/ada/drawing.png', '/tmp/ada/notes.txt']);
      await page.getByTestId('uploads').waitFor();
    },
  },
  {
    name: 'playback',
    async show(scene) {
      await overShell(scene);
      const { page } = scene;
      const buffer = await recordingOf(scene, 'shell');
      await scene.run('Open a recording…');
      await scene.dialog.locator('input[type="file"]').setInputFiles({ name: 'shell.cast', mimeType: '', buffer });
      await page.getByTestId('playback-place').waitFor();
      await page.keyboard.press('End');
    },
  },
  dialog('playback-none', 'Open a recording…', async ({ dialog: one }) => {
    const buffer = Buffer.from('{"version": 9}\n');
    await one.locator('input[type="file"]').setInputFiles({ name: 'old.cast', mimeType: '', buffer });
    await one.getByRole('alert').waitFor();
  }),
  dialog('search', 'Search all sessions…', async ({ page }) => {
    await page.getByLabel('Text to find in all sessions').fill('log');
    await page.getByTestId('search-summary').getByText(/\d/).waitFor();
  }),
  dialog('terminal-text', 'Show the terminal as text…', ({ page }) => page.getByTestId('terminal-text').waitFor()),
  dialog('key-bar', 'Edit the key bar…'),
];
