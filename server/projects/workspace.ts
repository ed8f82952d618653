/** Where a person's files live on this machine, and which directories their projects and sessions may use. */
import { createHash } from 'node:crypto';
import { accessSync, constants, mkdirSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, delimiter, dirname, isAbsolute, join, resolve, sep } from 'node:path';
import { AppError, type ErrorCode } from '../../protocol/errors.ts';

export interface Workspace {
  /** The HOME of the person's programs. */
  home: string;
  /** Relative directories of projects begin here. */
  root: string;
  /** Absolute directories outside the root are the person's own business. */
  isUnbounded: boolean;
}

export interface WorkspaceOptions {
  /** One person, on their own machine: their real home, any directory. */
  isSingleUser: boolean;
  /** Otherwise everyone gets a folder in here. */
  peopleDirectory: string;
}

export function workspaceOf(email: string, { isSingleUser, peopleDirectory }: WorkspaceOptions): Workspace {
  if (isSingleUser) return { home: homedir(), root: homedir(), isUnbounded: true };
  const home = join(peopleDirectory, folderFor(email));
  return { home, root: join(home, 'work'), isUnbounded: false };
}

/**
 * A directory of this person's workspace on another shard, on this one: their disks may have it in different places.
 * What lies in no workspace of theirs stays as it is.
 */
export function placeHere({ home, root, isUnbounded }: Workspace, directory: string): string {
  if (isUnbounded || isInside(root, directory)) return directory;
  const there = `${sep}${join(basename(home), basename(root))}`;
  const at = `${directory}${sep}`.lastIndexOf(`${there}${sep}`);
  return at < 0 ? directory : join(root, directory.slice(at + there.length));
}

/** Readable, and different for different people whatever characters their addresses have. */
export function folderFor(email: string): string {
  const readable = email.replace(/[^a-z0-9.@_-]/g, '_').slice(0, 60);
  return `${readable}-${createHash('sha256').update(email).digest('hex').slice(0, 8)}`;
}

export function prepare(workspace: Workspace): void {
  mkdirSync(workspace.root, { recursive: true, mode: 0o700 });
}

/** The error codes of the two subjects that ask. */
export type DirectoryCodes = { outside: ErrorCode; missing: ErrorCode };
export const PROJECT_DIRECTORY = {
  outside: 'project.directory_outside',
  missing: 'project.directory_missing',
} as const;
export const SESSION_DIRECTORY = {
  outside: 'session.directory_outside',
  missing: 'session.directory_missing',
} as const;

/**
 * The real path of an existing directory that the person may use. Links are followed first, so that none leads outside.
 * @param base what a relative `directory` begins at
 * @throws AppError with one of `codes`
 */
export function existingDirectory(
  workspace: Workspace,
  base: string,
  directory: string,
  codes: DirectoryCodes,
): string {
  const path = absolute(workspace, base, directory);
  if (!workspace.isUnbounded && !isInside(workspace.root, path)) throw outside(codes, directory);
  let real: string;
  try {
    real = realpathSync(path);
  } catch (error) {
    throw new AppError(codes.missing, `there is no directory ${directory}`, { cause: error });
  }
  if (!statSync(real).isDirectory()) throw new AppError(codes.missing, `${directory} is not a directory`);
  if (!workspace.isUnbounded && !isInside(realpathSync(workspace.root), real)) throw outside(codes, directory);
  return real;
}

/** The same for a project's directory, which is made when it lies inside the workspace root. */
export function projectDirectory(workspace: Workspace, directory: string): string {
  prepare(workspace);
  const path = absolute(workspace, workspace.root, directory);
  if (isInside(workspace.root, path)) {
    // What exists of it must be inside too, before anything is made below it.
    const existing = nearestExisting(path);
    if (!isInside(realpathSync(workspace.root), existing)) throw outside(PROJECT_DIRECTORY, directory);
    try {
      mkdirSync(path, { recursive: true, mode: 0o755 });
    } catch (error) {
      throw new AppError('project.directory_missing', `the directory ${directory} cannot be made`, { cause: error });
    }
  }
  return existingDirectory(workspace, workspace.root, directory, PROJECT_DIRECTORY);
}

/** A directory name for a project: what is readable of its name. */
export function directoryFor(name: string): string {
  const slug = name
    .toLowerCase()
    .replace(/[^\p{L}\p{N}._-]+/gu, '-')
    .replace(/^[-.]+|[-.]+$/g, '');
  return slug || 'project';
}

/** The absolute path of a program, found as a shell would; undefined when there is none. */
export function findProgram(file: string, path: string, cwd: string): string | undefined {
  const candidates = file.includes('/')
    ? [resolve(cwd, file)]
    : path.split(delimiter).map((folder) => resolve(cwd, folder, file));
  return candidates.find((candidate) => {
    try {
      accessSync(candidate, constants.X_OK);
      return statSync(candidate).isFile();
    } catch {
      return false;
    }
  });
}

function absolute(workspace: Workspace, base: string, directory: string): string {
  if (directory === '~' || directory.startsWith('~/')) return join(workspace.home, directory.slice(1));
  return isAbsolute(directory) ? resolve(directory) : resolve(base, directory);
}

function isInside(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}

function nearestExisting(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return join(nearestExisting(dirname(path)), basename(path));
  }
}

function outside(codes: DirectoryCodes, directory: string): AppError {
  return new AppError(codes.outside, `${directory} lies outside your workspace`);
}
