import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { AppError } from '../../protocol/errors.ts';
import { requestVerifier } from './requestVerifier.ts';

const ada = { email: 'ada@example.com', name: 'ada', roles: ['user' as const] };
const verify = (token: string | undefined) =>
  token === 'good' ? Promise.resolve(ada) : Promise.reject(new AppError('AUTH_MISSING', 'no assertion'));
const ask = (headers: Record<string, string>, principal?: string) =>
  requestVerifier(verify, principal)({ headers } as unknown as IncomingMessage);
const good = { 'x-holdfast-assertion': 'good' };

test('an assertion is believed, from the principal of the frontend or from nobody that is named', async () => {
  expect(await ask({ ...good, 'x-forwarded-user': '77@1234' }, '77')).toEqual(ada);
  expect(await ask(good, '77')).toEqual(ada);
  expect(await ask({ ...good, 'x-forwarded-user': '78@1234' })).toEqual(ada);
});

test('an assertion that came as another principal is refused', async () => {
  for (const user of ['78@1234', '778@1', '', '@77', '77, 78@1'])
    await expect(ask({ ...good, 'x-forwarded-user': user }, '77')).rejects.toMatchObject({ code: 'AUTH_INVALID' });
});

test('what a proxy says authorizes nothing', async () => {
  const headers = { 'x-forwarded-email': 'ada@example.com', 'x-forwarded-user': '77@1' };
  await expect(ask(headers, '77')).rejects.toMatchObject({ code: 'AUTH_MISSING' });
});
