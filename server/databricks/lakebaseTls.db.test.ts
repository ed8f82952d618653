import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTlsDatabase, type TlsDatabase } from '../testing/tlsDatabase.ts';

const program = resolve(import.meta.dirname, '../testing/loginOnce.ts');
const run = promisify(execFile);
let database: TlsDatabase | undefined;

beforeAll(async () => {
  database = await startTlsDatabase().catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
});
afterAll(() => database?.remove());

async function logIn(to: TlsDatabase, sslMode: string, isTrusted: boolean): Promise<unknown> {
  const { host, port, user, password, authority } = to;
  const env = { PATH: process.env.PATH, ...(isTrusted ? { NODE_EXTRA_CA_CERTS: authority } : {}) };
  const args = ['--import', import.meta.resolve('tsx'), program, host, String(port), user, password, sslMode];
  return JSON.parse((await run(process.execPath, args, { env })).stdout);
}

test('`require` encrypts and believes a certificate of a known authority alone; `prefer` believes any', async ({
  skip,
}) => {
  const place = database ?? skip('there is no openssl');
  const logins = [logIn(place, 'require', true), logIn(place, 'require', false), logIn(place, 'prefer', false)];
  const answers = await Promise.all(logins);
  expect(answers).toEqual([
    { isEncrypted: true },
    { code: 'database.unavailable', why: expect.stringContaining('is not trusted') as string },
    { isEncrypted: true },
  ]);
});
