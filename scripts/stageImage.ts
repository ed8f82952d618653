/** Puts together what an image holds: what was built, how it is started, and the names of the packages that run. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { productionPackages } from './deploy/release.ts';
import { complain } from './supervisor/progress.ts';

const root = resolve(import.meta.dirname, '..');
const programs = ['server', 'pwa', 'scripts/collectSecrets.js', 'scripts/runInstance.js', 'scripts/container.js'];

function stage(directory: string): void {
  const json = <Type>(name: string) => JSON.parse(readFileSync(join(root, name), 'utf8')) as Type;
  const write = (name: string, value: unknown) =>
    writeFileSync(join(directory, name), `${JSON.stringify(value, null, 2)}\n`);
  type Packages = Parameters<typeof productionPackages>;
  const { packageJson, lock } = productionPackages(
    json<Packages[0]>('package.json'),
    json<Packages[1]>('package-lock.json'),
  );
  mkdirSync(directory, { recursive: true });
  write('package.json', packageJson);
  write('package-lock.json', lock);
  for (const name of programs) cpSync(join(root, 'dist', name), join(directory, 'dist', name), { recursive: true });
  cpSync(join(root, 'scripts/platform/launch.sh'), join(directory, 'launch.sh'));
  cpSync(join(root, 'LICENSE'), join(directory, 'LICENSE'));
}

const directory = process.argv[2];
if (directory) {
  stage(directory);
} else {
  complain('Say where: tsx scripts/stageImage.ts DIRECTORY');
  process.exitCode = 1;
}
