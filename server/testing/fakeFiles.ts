/** A small Files API of a workspace for tests: strict about directories, which must exist and be empty to go. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';

export interface FakeFiles {
  url: string;
  files: Map<string, Buffer>;
  directories: Set<string>;
  /** Answers of this status, before any other but that for a token. */
  failures: number[];
  close(): void;
}

/** @param volume `/Volumes/c/s/v` */
export async function startFakeFiles(volume: string): Promise<FakeFiles> {
  const api: FakeFiles = {
    url: '',
    files: new Map(),
    directories: new Set([volume]),
    failures: [],
    close: () => void server.close(),
  };
  const server = createServer((request, response) => void answer(request, response));
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url!, 'http://files');
    const tell = (status: number, body?: object | Buffer) =>
      response.writeHead(status).end(body instanceof Buffer ? body : body && JSON.stringify(body));
    if (url.pathname === '/oidc/v1/token') return tell(200, { access_token: 'token', expires_in: 3600 });
    if (request.headers.authorization !== 'Bearer token') return tell(401, { error_code: 'UNAUTHENTICATED' });
    const failure = api.failures.shift();
    if (failure) return tell(failure, { error_code: 'INTERNAL_ERROR' });
    const [, kind, encoded] = /^\/api\/2\.0\/fs\/(files|directories)(\/.*)$/.exec(url.pathname) ?? [];
    if (!kind || !encoded) return tell(404, { error_code: 'ENDPOINT_NOT_FOUND' });
    const path = decodeURIComponent(encoded).replace(/\/$/, '');
    const [status, body] = (kind === 'files' ? onFile : onDirectory)(api, request, url, path, Buffer.concat(chunks));
    tell(status, body);
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  api.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return api;
}

type Answer = [status: number, body?: object | Buffer];
const NOT_FOUND: Answer = [404, { error_code: 'NOT_FOUND', message: 'it does not exist' }];

function onFile(api: FakeFiles, { method }: IncomingMessage, url: URL, path: string, bytes: Buffer): Answer {
  if (method === 'PUT') {
    if (!api.directories.has(dirname(path))) return NOT_FOUND;
    if (api.files.has(path) && url.searchParams.get('overwrite') !== 'true')
      return [409, { error_code: 'ALREADY_EXISTS' }];
    api.files.set(path, bytes);
    return [204];
  }
  const file = api.files.get(path);
  if (!file) return NOT_FOUND;
  if (method === 'DELETE') api.files.delete(path);
  return method === 'DELETE' ? [204] : [200, file];
}

function onDirectory(api: FakeFiles, { method }: IncomingMessage, url: URL, path: string): Answer {
  if (method === 'PUT') {
    for (let one = path; one.startsWith('/Volumes/'); one = dirname(one)) api.directories.add(one);
    return [204];
  }
  if (!api.directories.has(path)) return NOT_FOUND;
  const inside = [...api.files.keys(), ...api.directories].filter((one) => dirname(one) === path).sort();
  if (method === 'DELETE') {
    if (inside.length > 0) return [400, { error_code: 'DIRECTORY_NOT_EMPTY' }];
    api.directories.delete(path);
    return [204];
  }
  // One entry a page, and an empty page first.
  const page = Number(url.searchParams.get('page_token') ?? 0);
  const contents = inside
    .slice(Math.max(page - 1, 0), page)
    .map((one) => ({ path: one, is_directory: api.directories.has(one) }));
  return [200, { contents, ...(page < inside.length ? { next_page_token: String(page + 1) } : {}) }];
}
