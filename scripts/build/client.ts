/** Builds the client library: one ES module that plain Node and a browser can import, with its types. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type BuildOptions } from 'esbuild';

/** Dependencies that are CommonJS call `require`, which an ES module in Node does not have. */
const REQUIRE_BANNER = `import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);`;

type Run = (tool: string, args: string[]) => Promise<void>;

export async function buildClient(root: string, outdir: string, run: Run): Promise<void> {
  mkdirSync(outdir, { recursive: true });
  // The transport differs: Node's websocket can send headers, a browser's is built in.
  const [exported] = await Promise.all([
    bundle(root, join(outdir, 'node.js'), { platform: 'node', target: 'node20', banner: { js: REQUIRE_BANNER } }),
    bundle(root, join(outdir, 'browser.js'), { platform: 'browser', target: 'es2022' }),
    writeTypes(root, outdir, run),
  ]);
  writeFileSync(join(outdir, 'index.js'), chooser(exported));
}

/** The names that the bundle exports. */
async function bundle(root: string, outfile: string, options: BuildOptions): Promise<string[]> {
  const { metafile } = await build({
    ...options,
    absWorkingDir: root,
    entryPoints: ['client/index.ts'],
    outfile,
    bundle: true,
    format: 'esm',
    sourcemap: true,
    metafile: true,
    logLevel: 'warning',
  });
  return Object.values(metafile.outputs).find(({ entryPoint }) => entryPoint)?.exports ?? [];
}

function chooser(exported: string[]): string {
  return [
    '/** The Holdfast client, for plain Node and for browsers. */',
    `const isNode = typeof process === 'object' && Boolean(process.versions?.node) && typeof window === 'undefined';`,
    `const built = isNode ? await import('./node.js') : await import('./browser.js');`,
    `export const { ${exported.join(', ')} } = built;`,
    '',
  ].join('\n');
}

async function writeTypes(root: string, outdir: string, run: Run): Promise<void> {
  const types = join(outdir, 'types');
  const config = join(outdir, 'tsconfig.json');
  writeFileSync(
    config,
    JSON.stringify({
      extends: join(root, 'tsconfig.base.json'),
      compilerOptions: {
        types: ['node'],
        typeRoots: [join(root, 'node_modules/@types')],
        noEmit: false,
        emitDeclarationOnly: true,
        declaration: true,
        rootDir: root,
        outDir: types,
      },
      files: [join(root, 'client/index.ts')],
    }),
  );
  await run('tsc', ['-p', config]);
  rmSync(config);
  writeFileSync(join(outdir, 'index.d.ts'), `export * from './types/client/index.ts';\n`);
}
