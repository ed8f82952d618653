/** Lighthouse's judgement of the shell of a signed-in person and of the page before that, on a desktop and on a phone. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { freePorts } from '../../server/testing/freePorts.ts';
import type { Bound } from '../bench/report.ts';
import { onStage } from './stage.ts';

const run = promisify(execFile);
/** The last one that runs on Node 20. */
const VERSION = '12.8.2';
const CACHE = resolve(import.meta.dirname, '../../node_modules/.cache/lighthouse');
const PROGRAM = join(CACHE, 'node_modules/lighthouse/cli/index.js');
const SCORES = ['performance', 'accessibility', 'best-practices'] as const;
const LEAST = 95;
const FORMS = { desktop: ['--preset=desktop'], mobile: [] };

interface Report {
  categories: Record<string, { score: number | null; auditRefs: { id: string; weight: number }[] }>;
  audits: Record<
    string,
    {
      title: string;
      score: number | null;
      displayValue?: string;
      numericValue?: number;
      details?: { items?: { description?: string; sourceLocation?: { url: string } }[] };
    }
  >;
  runtimeError?: { message: string };
}

export async function measureLighthouse(): Promise<Bound[]> {
  await install();
  const [port] = await freePorts(1);
  return onStage({ args: [`--remote-debugging-port=${port}`] }, async ({ stack, page }) => {
    await page.goto('about:blank'); // the app in a second window would share the machine
    console.log('\nlighthouse                     performance  accessibility  best practices    first paint   blocked');
    const bounds: Bound[] = [];
    for (const who of ['signed in', 'signed out']) {
      if (who === 'signed out') await forgetEverything(page, stack.origin);
      for (const form of ['desktop', 'mobile'] as const)
        bounds.push(...print(who, form, await judge(stack.origin, port!, FORMS[form], stack.home)));
    }
    return bounds;
  });
}

/** Lighthouse leaves what a page has stored: that would be the page of somebody whose sign-in has expired. */
async function forgetEverything(page: Page, origin: string): Promise<void> {
  const devTools = await page.context().newCDPSession(page);
  await devTools.send('Storage.clearDataForOrigin', { origin, storageTypes: 'all' });
}

/** Not among the packages of the project: it weighs a third of all of them, and only this bench wants it. */
async function install(): Promise<void> {
  if (existsSync(PROGRAM)) return;
  mkdirSync(CACHE, { recursive: true });
  writeFileSync(join(CACHE, 'package.json'), '{ "private": true }\n');
  const quiet = ['--no-save', '--no-fund', '--no-audit', '--loglevel=error'];
  await run('npm', ['install', '--prefix', CACHE, ...quiet, `lighthouse@${VERSION}`]);
}

/** Cookies stay; what the service worker keeps is cleared before, so that each is a first visit. */
async function judge(url: string, port: number, form: string[], folder: string): Promise<Report> {
  const file = join(folder, 'lighthouse.json');
  const what = [`--only-categories=${SCORES.join(',')}`, '--output=json', `--output-path=${file}`, '--quiet'];
  await run(process.execPath, [PROGRAM, url, `--port=${port}`, '--no-enable-error-reporting', ...what, ...form]);
  const report = JSON.parse(readFileSync(file, 'utf8')) as Report;
  if (report.runtimeError) throw new Error(report.runtimeError.message);
  return report;
}

/** A phone, which Lighthouse makes four times slower, is told and not judged. */
function print(who: string, form: keyof typeof FORMS, report: Report): Bound[] {
  const { audits, categories } = report;
  const scores = SCORES.map((name) => Math.round((categories[name]?.score ?? 0) * 100));
  const [performance, accessibility, practices] = scores.map((score) => String(score).padStart(3));
  const [paint, blocked] = ['first-contentful-paint', 'total-blocking-time'].map(
    (id) => audits[id]?.displayValue ?? '',
  );
  console.log(
    `${`${who}, ${form}`.padEnd(31)}${performance}          ${accessibility}            ${practices}       ${paint!.padStart(15)} ${blocked!.padStart(9)}`,
  );
  for (const name of SCORES)
    for (const { id, weight } of categories[name]?.auditRefs ?? []) {
      const { score, title, displayValue, details } = audits[id]!;
      if (weight === 0 || score === null || score >= 0.9) continue;
      console.log(`  ${name}: ${title} ${displayValue ?? ''} (${Math.round(score * 100)})`);
      for (const { description, sourceLocation } of details?.items ?? [])
        if (description) console.log(`    ${description} ${sourceLocation?.url ?? ''}`);
    }
  if (form === 'mobile') return [];
  return SCORES.map((name, at) => ({
    name: `lighthouse, ${who}: ${name}`,
    value: scores[at]!,
    least: LEAST,
    unit: 'of 100',
  }));
}
