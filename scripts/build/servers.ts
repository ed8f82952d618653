/** How servers and scripts are put together: the same for a build and in development. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildOptions } from 'esbuild';

export const serverPrograms = ['server/frontend.ts', 'server/backend.ts', 'server/ptyHost.ts', 'server/screens.ts'];

/** What the programs read beside them. */
const SCRIPTS = 'server/shells';

export function copyScripts(root: string, outdir: string): void {
  cpSync(join(root, SCRIPTS), join(outdir, SCRIPTS), { recursive: true });
}

/**
 * Packages stay in node_modules; only our own files are put together.
 * @param version what they say, when it is not what package.json says
 */
export function serverOptions(root: string, entryPoints: string[], outdir: string, version?: string) {
  return {
    absWorkingDir: root,
    entryPoints,
    outdir,
    outbase: root,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: true,
    ...(version === undefined ? {} : { define: { __BUILD_VERSION__: JSON.stringify(version) } }),
    logLevel: 'warning',
  } as const satisfies BuildOptions;
}
