import { expect, test } from 'vitest';
import { instanceSpec } from './instanceSpec.ts';

const spec = (kind: 'frontend' | 'backend', environment: Record<string, string>) =>
  instanceSpec({
    kind,
    environment,
    secrets: { KEY: 'k' },
    dist: '/app/dist',
    defaultHome: '/home/app/.holdfast',
    defaultRunDir: '/tmp/run',
  });

test('what nobody set is filled in, and an empty value is nothing', () => {
  const { environment, instance, program, secrets } = spec('backend', {
    APP_INSTANCE: 'backend-2',
    LAKEBASE_INSTANCE: '',
    DATABRICKS_APP_PORT: '8123',
  });
  expect([instance, program, secrets]).toEqual(['backend-2', '/app/dist/server/backend.js', { KEY: 'k' }]);
  expect(environment).toMatchObject({
    SHARD_ID: 'backend-2',
    PORT: '8123',
    HOST: '0.0.0.0',
    AUTH_MODE: 'proxy',
    HOLDFAST_HOME: '/home/app/.holdfast',
    RUN_DIR: '/tmp/run',
    HOST_LOG: 'stdout',
    SECRETS_FD: '3',
  });
  expect('LAKEBASE_INSTANCE' in environment).toBe(false);
});

test('what is set stays, but for the descriptor of the secrets', () => {
  const { environment } = spec('frontend', { PORT: '9000', HOST: '127.0.0.1', PWA_DIR: '/pwa', SECRETS_FD: '9' });
  expect(environment).toMatchObject({ PORT: '9000', HOST: '127.0.0.1', PWA_DIR: '/pwa', SECRETS_FD: '3' });
  expect('SHARD_ID' in environment).toBe(false);
});
