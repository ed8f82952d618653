/** The disk of an app: new at each deployment, with the release's files and the packages that the release declares. */
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { SpecError } from './appYaml.ts';

const repository = resolve(import.meta.dirname, '../../..');

export interface AppDisk {
  root: string;
  source: string;
  home: string;
  tmp: string;
}

/** Of `package.json`, what the platform looks at. */
interface Manifest {
  scripts?: Record<string, string>;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

export function makeDisk(root: string, release: string): AppDisk {
  const disk = { root, source: join(root, 'source'), home: join(root, 'home'), tmp: join(root, 'tmp') };
  for (const folder of [disk.home, disk.tmp]) mkdirSync(folder, { recursive: true });
  cpSync(release, disk.source, { recursive: true });
  return disk;
}

/**
 * What `npm install` would bring. The registry is not asked: each package that `package.json` declares is linked from this
 * repository's own node_modules, and nothing else is, so that what a release forgot to declare is missing there too.
 */
export function installPackages(source: string, isProduction: boolean): Manifest | null {
  const file = join(source, 'package.json');
  if (!existsSync(file)) return null;
  const manifest = parseManifest(file);
  const wanted = { ...manifest.dependencies, ...(isProduction ? {} : manifest.devDependencies) };
  for (const name of Object.keys(wanted)) {
    const known = join(repository, 'node_modules', name);
    if (!existsSync(known)) throw new SpecError(`npm install failed: no matching version found for ${name}`);
    link(known, join(source, 'node_modules', name));
  }
  for (const name of Object.keys(manifest.optionalDependencies ?? {})) {
    const known = join(repository, 'node_modules', name);
    if (existsSync(known)) link(known, join(source, 'node_modules', name));
  }
  return manifest;
}

function parseManifest(file: string): Manifest {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Manifest;
  } catch (error) {
    throw new SpecError(`npm install failed: ${(error as Error).message}`);
  }
}

function link(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  if (!existsSync(to)) symlinkSync(from, to);
}

export const BUILD_PATH = join(repository, 'node_modules/.bin');
