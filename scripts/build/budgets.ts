/** What the app may weigh, by what it loads when. A build that is too heavy is refused. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** Of vite's `.vite/manifest.json`: by source file, or by a name of its own for what several share. */
export type Manifest = Record<string, { file: string; imports?: string[] }>;

export interface Weight {
  what: string;
  bytes: number;
  limit: number;
}

/** What the first terminal needs beside the first paint, and cannot be drawn without. */
const FIRST_TERMINAL = [
  'terminal/TerminalPane.vue',
  'terminal/terminalView.ts',
  '../node_modules/@xterm/addon-web-links/lib/addon-web-links.mjs',
];

/** Weighs a built app. @param directory with compressed twins beside the files */
export function weigh(directory: string, manifest: Manifest): Weight[] {
  const gzipped = (file: string) => gzipSync(readFileSync(join(directory, file))).length;
  const sent = (file: string) => {
    const twin = join(directory, `${file}.br`);
    return statSync(existsSync(twin) ? twin : join(directory, file)).size;
  };
  const first = chunksOf(manifest, namesIn(readFileSync(join(directory, 'index.html'), 'utf8'), manifest));
  const terminal = [...chunksOf(manifest, FIRST_TERMINAL)].filter((file) => !first.has(file));
  return [
    { what: 'first paint, JS by gzip', bytes: sum(['theme.js', ...first], gzipped), limit: 60_000 },
    { what: 'first terminal, JS as sent', bytes: sum(terminal, sent), limit: 100_000 },
    { what: 'everything that is kept offline, as sent', bytes: sum(precached(directory), sent), limit: 1_500_000 },
  ];
}

/** @throws Error with each that is over its limit */
export function checkWeights(weights: readonly Weight[]): void {
  const over = weights.filter(({ bytes, limit }) => bytes > limit);
  if (over.length === 0) return;
  throw new Error(over.map(({ what, bytes, limit }) => `too heavy: ${what}: ${bytes} of ${limit} bytes`).join('\n'));
}

/** Of the scripts that a page names. */
export function namesIn(page: string, manifest: Manifest): string[] {
  const files = new Set([...page.matchAll(/"\/(assets\/[^"]+\.js)"/g)].map(([, file]) => file!));
  return Object.keys(manifest).filter((name) => files.has(manifest[name]!.file));
}

/** Files of these and of all that they import at once. @throws Error when one of them is not in the build */
export function chunksOf(manifest: Manifest, names: readonly string[]): Set<string> {
  const files = new Set<string>();
  const visit = (name: string) => {
    const chunk = manifest[name];
    if (!chunk) throw new Error(`there is no ${name} in the build`);
    if (files.has(chunk.file)) return;
    files.add(chunk.file);
    chunk.imports?.forEach(visit);
  };
  names.forEach(visit);
  return files;
}

function precached(directory: string): string[] {
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => /\.(js|css|html|svg|png|woff2)$/.test(name));
}

const sum = (files: readonly string[], sizeOf: (file: string) => number) =>
  files.reduce((total, file) => total + sizeOf(file), 0);
