/** Terminals, and what lies over and beside them. */
import { waitForScreen } from '../browser.ts';
import type { Scene } from './scene.ts';
import { notOnPhones, type View } from './view.ts';

async function paste({ page }: Scene, text: string): Promise<void> {
  await page.evaluate((pasted) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', pasted);
    document.activeElement!.dispatchEvent(
      new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }),
    );
  }, text);
}

async function splitInTwo(scene: Scene): Promise<void> {
  await scene.openWindow('editor', 'shell');
  await scene.terminal.click();
  await scene.run('Move to a pane on the right');
  await scene.page.getByTestId('dock').waitFor();
  await scene.focusTerminal();
}

async function splitInThree(scene: Scene): Promise<void> {
  await splitInTwo(scene);
  await scene.openMore('server');
  await scene.run('Move to a pane below');
  await waitForScreen(scene.page, /12 200/);
  await scene.focusTerminal();
}

/** Layouts are kept on the server: the next window would begin with this one. */
async function join(scene: Scene): Promise<void> {
  await scene.run('One pane for all');
  await scene.page.locator('.dv-tabs-and-actions-container:visible').waitFor({ state: 'detached' });
}

export const terminalViews: View[] = [
  {
    name: 'terminal',
    async show(scene) {
      await scene.openWindow('shell');
      await waitForScreen(scene.page, /insertions/);
    },
  },
  {
    name: 'command-marks',
    isAt: notOnPhones,
    async show(scene) {
      await scene.openWindow('marked');
      await waitForScreen(scene.page, /^notes \$/);
      await scene.terminal.click();
      // A window knows the marks of what is printed while it is there. What is typed before the prompt is echoed twice.
      const lines = [
        ['seq 3', '3'],
        ['cat missing.md', 'cat: .*'],
        ['ls ..', '.*website.*'],
      ] as const;
      for (const [line, last] of lines) {
        await scene.type(`${line}\n`);
        await waitForScreen(scene.page, new RegExp(`^${last}\\nnotes \\$$`));
      }
      for (let i = 0; i < 2; i++) await scene.page.keyboard.press('Control+Shift+ArrowUp');
    },
  },
  {
    name: 'find',
    async show(scene) {
      await scene.openWindow('shell');
      await waitForScreen(scene.page, /insertions/);
      await scene.run('Find in the terminal');
      await scene.page.getByRole('textbox', { name: 'Find in the terminal' }).fill('the');
      await scene.page.getByTestId('find-count').getByText(/of/).waitFor();
    },
  },
  {
    name: 'vim',
    async show(scene) {
      await scene.openWindow('shell', 'editor');
      await waitForScreen(scene.page, /OutputLog/);
    },
  },
  { name: 'panes-2', isAt: notOnPhones, show: splitInTwo, leave: join },
  { name: 'panes-3', isAt: notOnPhones, show: splitInThree, leave: join },
  {
    name: 'pane-zoomed',
    isAt: notOnPhones,
    async show(scene) {
      await splitInThree(scene);
      await scene.page.keyboard.press('Control+Shift+X');
      await scene.page.locator('[data-testid="terminal"]:visible').nth(1).waitFor({ state: 'detached' });
    },
    leave: join,
  },
  {
    name: 'ended',
    async show(scene) {
      await scene.openWindow('agent', 'build');
      await waitForScreen(scene.page, /release.md/);
    },
  },
  {
    name: 'put-away',
    async show(scene) {
      await scene.openWindow('shell', 'review');
      await waitForScreen(scene.page, /second half/);
      await scene.page.getByTestId('put-away-strip').waitFor();
    },
  },
  {
    name: 'session-menu',
    async show(scene) {
      await scene.openWindow('shell');
      await waitForScreen(scene.page, /insertions/);
      await scene.showSidebar();
      await scene.page.getByRole('button', { name: 'Actions for session server' }).click();
      await scene.page.getByRole('menu').waitFor();
    },
  },
  {
    name: 'account-menu',
    async show(scene) {
      await scene.openWindow('shell');
      await waitForScreen(scene.page, /insertions/);
      await scene.showSidebar();
      await scene.button(/account and settings/i).click();
      await scene.page.getByRole('menu').waitFor();
    },
  },
  {
    name: 'paste-question',
    async show(scene) {
      await scene.openWindow('server');
      await waitForScreen(scene.page, /12 200/);
      await scene.terminal.click();
      await paste(scene, 'git fetch\ngit rebase origin/main\nnpm test\n');
      await scene.dialog.waitFor();
    },
  },
  {
    name: 'copy-question',
    async show(scene) {
      await scene.openWindow('marked');
      await waitForScreen(scene.page, /^notes \$/);
      await scene.page.evaluate(() => {
        navigator.clipboard.writeText = () => Promise.reject(new Error('the person is asked'));
      });
      await scene.terminal.click();
      await scene.type(String.raw`clear; printf '\e]52;;%s\a' $(printf 'git push --force-with-lease' | base64)` + '\n');
      await scene.page.getByTestId('copy-question').waitFor();
    },
  },
  {
    name: 'clipboard',
    goesOn: true,
    async show(scene) {
      await scene.button('Never in this session').click();
      await scene.type(String.raw`printf '\e]52;;?\a'; clear; echo asked` + '\n');
      await waitForScreen(scene.page, /^asked/);
      await scene.run('What programs copied…');
      await scene.dialog.getByText('refused, as always').waitFor();
    },
  },
  {
    name: 'links',
    async show(scene) {
      await scene.openWindow('marked');
      await waitForScreen(scene.page, /^notes \$/);
      await scene.terminal.click();
      const rows = ['Docs:    https://holdfast.example/docs', 'Preview: https://preview.holdfast.example/pull/42'];
      await scene.type(`clear; printf '%s\\n' ${rows.map((row) => `'${row}'`).join(' ')}\n`);
      await waitForScreen(scene.page, /^Preview:/);
      await scene.run('Open a link…');
      await scene.dialog.getByRole('link').first().waitFor();
    },
  },
];
