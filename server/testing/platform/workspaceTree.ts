/** The workspace's own files, as real files in a folder; `/Users/…` and `/Workspace/Users/…` are one place. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { ApiProblem, badRequest, denied, invalid, notFound } from './answers.ts';

export interface TreeObject {
  object_type: 'DIRECTORY' | 'FILE';
  path: string;
  object_id: number;
  resource_id: string;
  size?: number;
  created_at?: number;
  modified_at?: number;
}

export class WorkspaceTree {
  /** @param mayHome whether there is a person or principal of this name: nobody else has a folder below /Users */
  constructor(
    private readonly root: string,
    private readonly mayHome: (userName: string) => boolean,
  ) {}

  /** The real file or folder behind a path. */
  real(path: string): string {
    if (!path.startsWith('/')) throw invalid(`Path (${path}) doesn't start with '/'`);
    const inside = normalize(path.replace(/^\/Workspace(?=\/|$)/, '') || '/');
    return join(this.root, inside);
  }

  mkdirs(path: string): void {
    this.#checkHome(path);
    const real = this.real(path);
    for (let at = real; at.length > this.root.length; at = dirname(at)) {
      if (existsSync(at) && !statSync(at).isDirectory()) {
        throw new ApiProblem(400, 'RESOURCE_ALREADY_EXISTS', `Path (${path}) already exists.`);
      }
    }
    mkdirSync(real, { recursive: true });
  }

  status(path: string): TreeObject {
    const real = this.real(path);
    if (!existsSync(real)) throw notFound(`Path (${path}) doesn't exist.`);
    const facts = statSync(real);
    const base = { path: path.replace(/(?<=.)\/+$/, ''), object_id: facts.ino, resource_id: String(facts.ino) };
    if (facts.isDirectory()) return { object_type: 'DIRECTORY', ...base };
    const times = { created_at: Math.round(facts.birthtimeMs), modified_at: Math.round(facts.mtimeMs) };
    return { object_type: 'FILE', ...base, size: facts.size, ...times };
  }

  list(path: string): TreeObject[] {
    if (this.status(path).object_type === 'FILE') return [this.status(path)];
    const names = readdirSync(this.real(path)).sort();
    return names.map((name) => this.status(`${path.replace(/\/+$/, '')}/${name}`));
  }

  delete(path: string, isRecursive: boolean): void {
    const { object_type: type } = this.status(path);
    if (type === 'DIRECTORY' && !isRecursive && readdirSync(this.real(path)).length > 0) {
      throw new ApiProblem(400, 'DIRECTORY_NOT_EMPTY', `Folder (${path}) is not empty`);
    }
    rmSync(this.real(path), { recursive: true });
  }

  /** One file; its folder must be there. */
  write(path: string, bytes: Uint8Array, mayOverwrite: boolean): void {
    const real = this.real(path);
    if (!existsSync(dirname(real))) throw notFound(`The parent folder (${dirname(path)}) does not exist.`);
    if (existsSync(real) && statSync(real).isDirectory()) throw badRequest(`Path (${path}) is a folder`);
    if (existsSync(real) && !mayOverwrite) {
      throw new ApiProblem(409, 'RESOURCE_ALREADY_EXISTS', `Path (${path}) already exists.`);
    }
    writeFileSync(real, bytes);
  }

  readText(path: string): string | null {
    const real = this.real(path);
    return existsSync(real) && statSync(real).isFile() ? readFileSync(real, 'utf8') : null;
  }

  /** Every file below a folder; null where there is no such folder. */
  files(path: string): { path: string; bytes: number }[] | null {
    const real = this.real(path);
    if (!existsSync(real) || !statSync(real).isDirectory()) return null;
    return readdirSync(real, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => ({ path: file.slice(real.length + 1), bytes: statSync(file).size }));
  }

  #checkHome(path: string): void {
    const [, top, user] = path.replace(/^\/Workspace(?=\/)/, '').split('/');
    if (top === 'Users' && user && !this.mayHome(user)) throw denied(`Folder Users is protected`);
    if (top !== 'Users' && top !== 'Shared') throw denied(`Folder ${path} cannot be made`);
  }
}
