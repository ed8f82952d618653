/** What every part of the bench stands on: a stack, a network in front of it, and a person signed in to it in a real Chromium. */
import type { Page } from 'playwright-core';
import type { Holdfast } from '../../client/index.ts';
import {
  clientIn,
  openBrowser,
  waitForConnection,
  type Browser,
  type BrowserOptions,
} from '../../server/testing/browser.ts';
import { FaultProxy } from '../../server/testing/faultProxy.ts';
import { startStack, type Stack } from '../../server/testing/stack.ts';

export interface Stage {
  stack: Stack;
  network: FaultProxy;
  /** Through the network. */
  origin: string;
  browser: Browser;
  /** Signed in, without a terminal. */
  page: Page;
  hf: Holdfast;
}

export async function onStage<Result>(
  options: BrowserOptions,
  work: (stage: Stage) => Promise<Result>,
): Promise<Result> {
  const stack = await startStack({ authMode: 'token', shards: 1, env: { HOLDFAST_EMAIL: 'bench@example.com' } });
  const network = await FaultProxy.start(stack.port);
  const browser = await openBrowser(options);
  try {
    const origin = `http://localhost:${network.port}`;
    const page = await browser.context.newPage();
    await page.goto(stack.readyUrl.replace(stack.origin, origin));
    await waitForConnection(page, 'online');
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    await page.getByRole('button', { name: 'Skip' }).click();
    const hf = await clientIn(browser.context, stack.origin);
    try {
      return await work({ stack, network, origin, browser, page, hf });
    } finally {
      hf.close();
    }
  } finally {
    await browser.remove();
    await network.close();
    await stack.remove();
  }
}

export const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
