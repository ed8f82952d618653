/**
 * The Files API over Unity Catalog volumes, as real files in a folder
 * (docs.databricks.com, "Files API"; databricks-sdk-py, `service/files.py`).
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { ApiProblem, badRequest, conflict, denied, notFound, type Answer } from './answers.ts';
import type { PlatformState, Principal } from './state.ts';

const DEFAULT_PAGE = 1000;

export interface FilesRequest {
  method: string;
  /** As in the address, decoded: `/Volumes/c/s/v/…` */
  path: string;
  query: URLSearchParams;
  bytes: Uint8Array;
}

export class Volumes {
  constructor(
    private readonly root: string,
    private readonly state: PlatformState,
    private readonly caller: Principal,
  ) {}

  files({ method, path, query, bytes }: FilesRequest): Answer {
    const real = this.#real(path);
    if (method === 'PUT') {
      if (path.endsWith('/')) throw badRequest('The file path must not end with a slash');
      if (existsSync(real) && query.get('overwrite') !== 'true') {
        throw conflict(`The file being created already exists.`);
      }
      mkdirSync(dirname(real), { recursive: true });
      writeFileSync(real, bytes);
      return { status: 204 };
    }
    if (!existsSync(real) || statSync(real).isDirectory()) throw notFound('The file being accessed is not found.');
    const facts = statSync(real);
    const headers = {
      'content-length': String(facts.size),
      'content-type': 'application/octet-stream',
      'last-modified': facts.mtime.toUTCString(),
    };
    if (method === 'HEAD') return { status: 200, headers };
    if (method === 'GET') return { status: 200, headers, body: readFileSync(real) };
    if (method === 'DELETE') {
      rmSync(real);
      return { status: 204 };
    }
    throw new ApiProblem(405, 'METHOD_NOT_ALLOWED', 'Method not allowed');
  }

  directories({ method, path, query }: FilesRequest): Answer {
    const real = this.#real(path);
    if (method === 'PUT') {
      if (existsSync(real) && !statSync(real).isDirectory()) throw conflict('A file is at this path.');
      mkdirSync(real, { recursive: true });
      return { status: 204 };
    }
    if (!existsSync(real) || !statSync(real).isDirectory()) {
      throw notFound('The directory being accessed is not found.');
    }
    if (method === 'HEAD') return { status: 200 };
    if (method === 'GET') return { status: 200, body: this.#page(real, path.replace(/\/+$/, ''), query) };
    if (method === 'DELETE') {
      if (readdirSync(real).length > 0) throw badRequest('The directory being deleted is not empty.');
      rmdirSync(real);
      return { status: 204 };
    }
    throw new ApiProblem(405, 'METHOD_NOT_ALLOWED', 'Method not allowed');
  }

  /** `{contents: [{path, name, is_directory, file_size, last_modified}], next_page_token?}` */
  #page(real: string, path: string, query: URLSearchParams) {
    const names = readdirSync(real).sort();
    const start = Number(Buffer.from(query.get('page_token') ?? '', 'base64url').toString() || 0);
    const size = Math.min(Number(query.get('page_size') ?? DEFAULT_PAGE) || DEFAULT_PAGE, DEFAULT_PAGE);
    const contents = names.slice(start, start + size).map((name) => {
      const facts = statSync(join(real, name));
      const base = { path: `${path}/${name}`, name, is_directory: facts.isDirectory() };
      return { ...base, ...(facts.isFile() && { file_size: facts.size, last_modified: Math.round(facts.mtimeMs) }) };
    });
    const next = start + size < names.length && Buffer.from(String(start + size)).toString('base64url');
    return { ...(contents.length > 0 && { contents }), ...(next && { next_page_token: next }) };
  }

  #real(path: string): string {
    const inside = normalize(path);
    const volume = /^\/Volumes\/[^/]+\/[^/]+\/[^/]+/.exec(inside)?.[0];
    const users = volume === undefined ? undefined : this.state.volumes[volume];
    if (!users) throw notFound(`Volume '${volume ?? inside}' does not exist.`);
    if (!users.includes(this.caller.userName) && !this.caller.groups.includes('admins')) {
      throw denied(`User does not have permission on Volume '${volume}'.`);
    }
    return join(this.root, inside);
  }
}
