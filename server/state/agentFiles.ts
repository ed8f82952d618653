/** An agent's own state for one conversation: its record and what belongs to it, and nothing of any other. */
import { constants } from 'node:fs';
import { lstat, mkdir, open, readdir, rename, rm, stat, utimes, copyFile, chmod } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Gathered } from './checkpointStore.ts';
import { CONVERSATION_BYTES, FILE_BYTES } from './limits.ts';
import type { AgentPart, LeftOut } from './manifest.ts';

/** Where an agent keeps a conversation. */
export interface ConversationPlace {
  conversationId: string;
  /** All paths begin here. */
  directory: string;
  /** Of the record itself; `*` stands for one folder that is named after the directory of the session. */
  record: string;
  /** Of what belongs to it; `**` at the end stands for all files below, `*` for a part of a name. */
  belongings: readonly string[];
  /** How that folder is named for a directory. */
  folderFor: (cwd: string) => string;
}

/** @param budgetBytes for all files @returns nothing when the agent has no record of it (yet) */
export async function gatherConversation(place: ConversationPlace, cwd: string, folder: string, budgetBytes: number) {
  const leftOut: LeftOut[] = [];
  const gathered: Gathered[] = [];
  const files: AgentPart['files'] = [];
  let left = budgetBytes;
  for (const [path, isRecord] of await pathsOf(place)) {
    const name = `agent-${files.length}`;
    const limit = Math.min(left, isRecord ? CONVERSATION_BYTES : FILE_BYTES);
    const copied = await copyWithin(join(place.directory, path), join(folder, name), limit);
    if (copied === 'too large') leftOut.push({ what: path, why: copied });
    if (copied === 'too large' && isRecord) break; // without it the rest is of no use
    if (copied === undefined || copied === 'too large') continue;
    left -= copied.sizeBytes;
    gathered.push({ name, path: join(folder, name), sizeBytes: copied.sizeBytes });
    files.push({ path, file: name, mtimeMs: copied.mtimeMs });
  }
  const isWhole = files[0] !== undefined && basename(files[0].path) === basename(place.record);
  const part: AgentPart | null = isWhole ? { conversationId: place.conversationId, cwd, files } : null;
  return { part, gathered: part ? gathered : [], leftOut };
}

/** Whether the agent has a record of it here. */
export async function hasConversation(place: ConversationPlace): Promise<boolean> {
  return (await recordHere(place)) !== undefined;
}

/** Differs when anything of the conversation has changed. */
export async function conversationSigns(place: ConversationPlace): Promise<string> {
  const signs = (await pathsOf(place)).map(async ([path]) => {
    const stats = await stat(join(place.directory, path)).catch(() => undefined);
    return [path, stats?.size, stats?.mtimeMs];
  });
  return JSON.stringify(await Promise.all(signs));
}

export type RestoredConversation = 'here' | 'restored' | 'replaced';

/**
 * Puts a conversation where the agent looks for it, unless what is there is newer. A record only ever grows: of two, one of which
 * begins with the other, the longer one is newer; of two that went different ways the one written last, and the other stays beside.
 */
export async function restoreConversation(
  part: AgentPart,
  stored: ReadonlyMap<string, Gathered>,
  place: ConversationPlace,
  cwd: string,
): Promise<RestoredConversation> {
  const targetOf = (path: string) => join(place.directory, renamed(path, part, place, cwd));
  const [record, ...others] = part.files as [AgentPart['files'][number], ...AgentPart['files']];
  const from = stored.get(record.file)!.path;
  const here = await recordHere(place);
  if (here && (await isNewer(here, from, record.mtimeMs))) return 'here';
  // First what belongs to it: whoever finds the record finds all of it.
  for (const { path, file, mtimeMs } of others) await install(stored.get(file)!.path, targetOf(path), mtimeMs);
  if (here) await rename(here, `${here}.before-${Date.now()}`);
  await install(from, targetOf(record.path), record.mtimeMs);
  return here ? 'replaced' : 'restored';
}

/** Paths of a conversation inside the agent's directory, its record first. */
async function pathsOf(place: ConversationPlace): Promise<[path: string, isRecord: boolean][]> {
  const records = await matching(place.directory, place.record);
  if (records.length === 0) return [];
  const others = await Promise.all(place.belongings.map((pattern) => matching(place.directory, pattern)));
  return [
    [records[0]!, true],
    ...others
      .flat()
      .sort()
      .map((path): [string, boolean] => [path, false]),
  ];
}

async function recordHere(place: ConversationPlace): Promise<string | undefined> {
  const [path] = await matching(place.directory, place.record);
  return path === undefined ? undefined : join(place.directory, path);
}

async function matching(directory: string, pattern: string): Promise<string[]> {
  let found = [''];
  for (const segment of pattern.split('/')) {
    const next = found.map(async (path) => {
      if (segment === '**') return filesBelow(directory, path);
      const names = segment.includes('*') ? await readdir(join(directory, path)).catch(() => []) : [segment];
      const form = new RegExp(`^${segment.split('*').map(literal).join('.*')}$`);
      return names.filter((name) => form.test(name)).map((name) => join(path, name));
    });
    found = (await Promise.all(next)).flat();
  }
  const kinds = await Promise.all(found.map((path) => lstat(join(directory, path)).catch(() => undefined)));
  return found.filter((_, i) => kinds[i]?.isFile());
}

async function filesBelow(directory: string, path: string): Promise<string[]> {
  const entries = await readdir(join(directory, path), { withFileTypes: true }).catch(() => []);
  const deeper = entries.map((entry) =>
    entry.isDirectory() ? filesBelow(directory, join(path, entry.name)) : Promise.resolve([join(path, entry.name)]),
  );
  return (await Promise.all(deeper)).flat();
}

const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** The agent's folder is named after the session's directory, which may be another one on another disk. */
function renamed(path: string, part: AgentPart, place: ConversationPlace, cwd: string): string {
  const at = place.record.split('/').indexOf('*');
  const segments = path.split('/');
  if (at >= 0 && segments[at] === place.folderFor(part.cwd)) segments[at] = place.folderFor(cwd);
  return segments.join('/');
}

/** Undefined for what is no file of its own inside its directory any more. Lines are taken whole. */
async function copyWithin(from: string, to: string, limitBytes: number) {
  const file = await open(from, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    () => undefined,
  );
  if (!file) return undefined;
  try {
    const stats = await file.stat();
    const { size, mtimeMs } = stats;
    if (!stats.isFile()) return undefined;
    if (size > limitBytes) return 'too large' as const;
    const bytes = Buffer.alloc(size);
    const { bytesRead } = await file.read(bytes, 0, size, 0);
    const whole = from.endsWith('.jsonl') ? bytes.lastIndexOf('\n', bytesRead - 1) + 1 : bytesRead;
    const copy = await open(to, 'wx', 0o600);
    await copy.writeFile(bytes.subarray(0, whole)).finally(() => copy.close());
    return { sizeBytes: whole, mtimeMs };
  } finally {
    await file.close();
  }
}

async function isNewer(here: string, stored: string, storedMtimeMs: number): Promise<boolean> {
  const [mine, theirs] = await Promise.all([stat(here), stat(stored)]);
  const shared = Math.min(mine.size, theirs.size);
  if (await beginAlike(here, stored, shared)) return mine.size >= theirs.size;
  return mine.mtimeMs >= storedMtimeMs;
}

async function beginAlike(one: string, other: string, bytes: number): Promise<boolean> {
  const files = [await open(one), await open(other)] as const;
  const buffers = [Buffer.alloc(64 * 1024), Buffer.alloc(64 * 1024)] as const;
  try {
    for (let at = 0; at < bytes; at += buffers[0].length) {
      const length = Math.min(buffers[0].length, bytes - at);
      await Promise.all(files.map((file, i) => file.read(buffers[i]!, 0, length, at)));
      if (!buffers[0].subarray(0, length).equals(buffers[1].subarray(0, length))) return false;
    }
    return true;
  } finally {
    await Promise.all(files.map((file) => file.close()));
  }
}

async function install(from: string, to: string, mtimeMs: number): Promise<void> {
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  const unfinished = `${to}.holdfast`;
  await rm(unfinished, { force: true });
  await copyFile(from, unfinished, constants.COPYFILE_EXCL);
  await chmod(unfinished, 0o600);
  await utimes(unfinished, mtimeMs / 1000, mtimeMs / 1000);
  await rename(unfinished, to);
}
