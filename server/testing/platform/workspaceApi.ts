/** Serves the stand-in workspace's REST API over HTTP, for servers and scripts that run against it. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Answer } from './answers.ts';
import { emptyCredential, type GiveCredential } from './lakebase.ts';
import { answerRequest } from './routes.ts';
import type { PlatformStore } from './store.ts';

export interface WorkspaceApi {
  /** `http://127.0.0.1:…`: a DATABRICKS_HOST */
  url: string;
  close(): Promise<void>;
}

export async function serveWorkspaceApi(
  store: PlatformStore,
  giveCredential: GiveCredential = emptyCredential,
): Promise<WorkspaceApi> {
  const server = createServer((request, response) => {
    void handle(store, giveCredential, request, response).catch((error: Error) => {
      response.writeHead(500, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error_code: 'INTERNAL_ERROR', message: String(error.stack) }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  store.update((state) => (state.settings.apiUrl = url));
  return {
    url,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function handle(
  store: PlatformStore,
  giveCredential: GiveCredential,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const asked = {
    method: request.method!,
    path: request.url!,
    authorization: request.headers.authorization,
    bytes: Buffer.concat(chunks),
  };
  send(response, await answerRequest(store, asked, { giveCredential }), store);
}

function send(response: ServerResponse, { status, body, headers = {} }: Answer, store: PlatformStore): void {
  const isRaw = typeof body === 'string' || body instanceof Uint8Array;
  const type = typeof body === 'string' && /^\s*</.test(body) ? 'text/html' : isRaw ? 'text/plain' : 'application/json';
  response.writeHead(status, {
    ...(body !== undefined && { 'content-type': type }),
    'x-databricks-org-id': store.read().settings.workspaceId,
    ...headers,
  });
  response.end(body === undefined ? undefined : isRaw ? body : JSON.stringify(body));
}
