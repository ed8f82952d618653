import { expect, test } from 'vitest';
import { checkIngress } from './composeHop.ts';
import type { FrontendConfig } from './config.ts';

const complete = {
  INGRESS: 'databricks',
  AUTH_MODE: 'proxy',
  DATABRICKS_HOST: 'dbc-1.example.com',
  DATABRICKS_CLIENT_ID: 'an-id',
  DATABRICKS_CLIENT_SECRET: 'a-secret',
};
const check = (change: object) => () => checkIngress({ ...complete, ...change } as unknown as FrontendConfig);

test('an ingress is believed only where everything is there that makes it sound', () => {
  expect(check({})).not.toThrow();
  expect(check({ INGRESS: 'none', AUTH_MODE: 'token', DATABRICKS_HOST: undefined })).not.toThrow();
  expect(check({ AUTH_MODE: 'token' })).toThrow(/AUTH_MODE=proxy/);
  for (const name of ['DATABRICKS_HOST', 'DATABRICKS_CLIENT_ID', 'DATABRICKS_CLIENT_SECRET'])
    expect(check({ [name]: undefined })).toThrow(
      expect.objectContaining({ code: 'config.invalid', message: expect.stringContaining(name) as string }),
    );
});
