import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { ProxyIdentity } from './proxyIdentity.ts';

const request = (headers: Record<string, string>) => ({ headers }) as unknown as IncomingMessage;
const email = { 'x-forwarded-email': ' Ada@Example.com ' };
const user = { 'x-forwarded-user': '12@34' };

test("the platform's ingress must name a person in both of its headers", async () => {
  const identity = new ProxyIdentity({ adminEmails: ['ada@example.com'], isPlatform: true });
  expect(await identity.identify(request({ ...email, ...user }))).toMatchObject({
    email: 'ada@example.com',
    roles: ['user', 'admin'],
  });
  for (const headers of [email, user, {}])
    await expect(identity.identify(request(headers))).rejects.toMatchObject({ code: 'AUTH_MISSING' });
});

test('another proxy names the e-mail, and proves itself where a secret is set', async () => {
  expect(await new ProxyIdentity({ adminEmails: [] }).identify(request(email))).toMatchObject({ roles: ['user'] });
  const proven = new ProxyIdentity({ adminEmails: [], secret: 's'.repeat(20) });
  await expect(proven.identify(request({ ...email, ...user }))).rejects.toMatchObject({ code: 'AUTH_INVALID' });
});
