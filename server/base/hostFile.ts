/** What a pty host writes about itself beside its socket: how it is found by whoever lists or ends hosts, without its key and also when it is frozen. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';

/** Fields that hosts of the first version did not write are optional. */
export const HostFile = z.object({
  pid: z.number().int().positive(),
  /** Names this life of the host; processes that it started carry it (processTable.ts). */
  hostGeneration: z.string().min(1),
  version: z.number().int().default(1),
  /** As in processTable.ts; absent where there is no /proc. */
  startTicks: z.string().optional(),
  /** Sessions, ended ones that were not closed yet included. */
  sessions: z.number().int().optional(),
});
export type HostFile = z.infer<typeof HostFile>;

/** `backend-1.host.v2.json`; files of the first version have no number. */
const NAME = /^(.+)\.host(?:\.v\d+)?\.json$/;

/** The shard whose host writes the file of this name; undefined for any other file. */
export function shardOfHostFile(name: string): string | undefined {
  return NAME.exec(name)?.[1];
}

/** Names of the socket and of this file in the runtime folder. Each version has its own, so that two can run side by side. */
export function hostFileNames(shardId: string, version: number): { socket: string; file: string } {
  const base = version === 1 ? `${shardId}.host` : `${shardId}.host.v${version}`;
  return { socket: `${base}.sock`, file: `${base}.json` };
}

/** Undefined when there is none or it is not whole. */
export function readHostFile(path: string): HostFile | undefined {
  try {
    return HostFile.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}

/** Written beside its place and renamed, so that a reader never sees half of it. */
export function writeHostFile(path: string, facts: HostFile): void {
  const unfinished = `${path}.${process.pid}.new`;
  try {
    writeFileSync(unfinished, JSON.stringify(facts), { mode: 0o600 });
    renameSync(unfinished, path);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
}
