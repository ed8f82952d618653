/** The server programs, put together again whenever one of their files is edited. */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { context, type BuildResult, type OutputFile } from 'esbuild';
import { copyScripts, serverOptions, serverPrograms } from '../build/servers.ts';

export interface Programs {
  close(): Promise<void>;
}

/**
 * Resolves when all programs were written to `outdir` once; rejects when they cannot be built.
 * @param onChange the programs that are others now, such as `backend.js`: not those where only comments changed
 * @param onBroken the sources cannot be built; what runs stays as it is
 */
export async function watchPrograms(
  root: string,
  outdir: string,
  onChange: (changed: string[]) => void,
  onBroken: () => void,
): Promise<Programs> {
  const written = new Map<string, string>();
  let isFirst = true;
  const take = ({ errors, outputFiles }: BuildResult) => {
    if (errors.length > 0) return isFirst ? undefined : onBroken();
    const changed = (outputFiles ?? []).filter((file) => isOther(file, written));
    for (const file of changed) write(file);
    const programs = changed.map(({ path }) => basename(path)).filter((name) => name.endsWith('.js'));
    if (!isFirst && programs.length > 0) onChange(programs);
    isFirst = false;
  };
  const builder = await context({
    ...serverOptions(root, serverPrograms, outdir),
    write: false,
    plugins: [{ name: 'take', setup: (build) => build.onEnd(take) }],
  });
  try {
    copyScripts(root, outdir);
    await builder.rebuild();
    await builder.watch();
  } catch (error) {
    await builder.dispose();
    throw error;
  }
  return { close: () => builder.dispose() };
}

function isOther({ path, text }: OutputFile, written: Map<string, string>): boolean {
  if (written.get(path) === text) return false;
  written.set(path, text);
  return true;
}

/** Whole or not at all: a program may be started again at this moment. */
function write({ path, contents }: OutputFile): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, contents);
  renameSync(`${path}.new`, path);
}
