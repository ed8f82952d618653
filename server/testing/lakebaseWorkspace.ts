/** As much of a workspace's API as an instance needs to log in to a Lakebase; it counts what it gave out. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerCredential, type Lakebase } from './lakebase.ts';

export interface LakebaseWorkspace {
  host: string;
  /** While it is set, no credential is given out. */
  isAway: boolean;
  close(): void;
}

export const CLIENT_SECRET = 'the secret of every service principal here';

export async function startLakebaseWorkspace(lakebase: Lakebase): Promise<LakebaseWorkspace> {
  const state = { isAway: false };
  const answer = async (request: IncomingMessage, text: string) => {
    const [scheme, word = ''] = (request.headers.authorization ?? '').split(' ');
    if (request.url === '/oidc/v1/token' && scheme === 'Basic') {
      const [clientId, secret] = Buffer.from(word, 'base64').toString().split(':');
      if (secret !== CLIENT_SECRET) return { status: 401, body: { error: 'invalid_client' } };
      return { status: 200, body: { access_token: `token of ${clientId}`.replaceAll(' ', '.'), expires_in: 3600 } };
    }
    if (state.isAway) return { status: 500, body: { error_code: 'INTERNAL_ERROR', message: 'no credentials today' } };
    const role = word.replace(/^token\.of\./, '');
    const answered = await answerCredential(lakebase, request.url ?? '', JSON.parse(text), role);
    return answered ?? { status: 404, body: { error_code: 'NOT_FOUND', message: 'there is nothing here' } };
  };
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      void answer(request, text).then(({ status, body }) => response.writeHead(status).end(JSON.stringify(body)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(state, {
    host: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => void server.close(),
  });
}
