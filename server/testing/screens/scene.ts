/** One browser at one size before the stage, and what a person does in it to get to a view. */
import type { Page } from 'playwright-core';
import type { Holdfast } from '../../../client/index.ts';
import type { Session } from '../../../protocol/sessions.ts';
import { clientIn, openBrowser, waitForConnection, type Browser } from '../browser.ts';
import type { Stage } from './stage.ts';

export interface Size {
  width: number;
  height: number;
  phone: boolean;
}

export const SIZES: readonly Size[] = [
  { width: 1440, height: 900, phone: false },
  { width: 1024, height: 768, phone: false },
  { width: 390, height: 844, phone: true },
];

/** A view that does not come is told, and the next one is taken. */
const PATIENCE_MS = 30_000;

export class Scene {
  page!: Page;
  hf!: Holdfast;
  /** By name. */
  readonly sessions = new Map<string, Session>();

  private constructor(
    readonly stage: Stage,
    readonly size: Size,
    readonly browser: Browser,
  ) {}

  static async open(stage: Stage, size: Size, args: string[]): Promise<Scene> {
    const scene = new Scene(stage, size, await openBrowser({ ...size, isStill: true, args }));
    const { context } = scene.browser;
    context.setDefaultTimeout(PATIENCE_MS);
    await context.grantPermissions(['clipboard-read', 'clipboard-write', 'notifications'], { origin: stage.origin });
    // What is sent to the page was translated with names for its functions.
    await context.addInitScript('globalThis.__name ??= (named) => named');
    scene.page = await context.newPage();
    return scene;
  }

  async remove(): Promise<void> {
    this.hf?.close();
    await this.browser.remove();
  }

  async signIn(): Promise<void> {
    const { stack, network } = this.stage;
    await this.page.goto(stack.readyUrl.replace(String(stack.port), String(network.port)));
    await waitForConnection(this.page, 'online');
    this.hf = await clientIn(this.browser.context, this.stage.stack.origin);
  }

  /** A window as one finds it the next morning, with these sessions open in tabs; the last one is in view. */
  async openWindow(...names: string[]): Promise<void> {
    const ids = names.map((name) => this.id(name));
    const layout = JSON.stringify({ open: ids, active: ids.at(-1) ?? null });
    await this.page.close({ runBeforeUnload: false });
    this.page = await this.browser.context.newPage();
    await this.page.addInitScript((text) => {
      localStorage.removeItem('holdfast.recent');
      // Once, and not when the page itself loads anew.
      if (sessionStorage.getItem('holdfast.person.tabs') === null) sessionStorage.setItem('holdfast.person.tabs', text);
    }, layout);
    await this.page.goto(this.stage.origin);
    await waitForConnection(this.page, 'online');
    if (ids.length > 0) await this.terminal.waitFor();
  }

  id(name: string): string {
    const session = this.sessions.get(name);
    if (!session) throw new Error(`no session is called ${name}`);
    return session.id;
  }

  get terminal() {
    return this.page.locator('[data-testid="terminal"][data-state]:visible').first();
  }

  /** Of the tab that is in view, as a click does it. */
  async focusTerminal(): Promise<void> {
    await this.page.locator('.panel:visible [data-state]').last().click();
  }

  get dialog() {
    return this.page.getByRole('dialog');
  }

  button(name: string | RegExp) {
    return this.page.getByRole('button', { name });
  }

  /** Whatever can be done is found by its name. */
  async run(title: string): Promise<void> {
    const { page } = this;
    await this.button(/search or run/i).click();
    await page.locator('.palette input').fill(`>${title}`);
    await page.locator('.palette [data-highlighted]', { hasText: title }).waitFor();
    await page.keyboard.press('Enter');
    await page.locator('.palette').waitFor({ state: 'detached' });
  }

  async showSidebar(): Promise<void> {
    if (this.size.phone) await this.button('Show projects').click();
  }

  /** Beside those that are open. */
  async openMore(name: string): Promise<void> {
    await this.page.locator('[data-region="sidebar"] .open', { hasText: name }).click();
    await this.page.locator(`[data-session-id="${this.id(name)}"][data-state="live"]`).waitFor();
  }

  async type(text: string): Promise<void> {
    await this.page.keyboard.type(text);
  }
}
