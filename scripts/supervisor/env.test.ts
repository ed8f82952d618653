import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { readSettings } from './env.ts';

test('without any variable there are two shards on loopback with an embedded database', () => {
  expect(readSettings({})).toMatchObject({
    port: 8000,
    host: '127.0.0.1',
    shards: [
      { id: 'backend-1', port: 8001 },
      { id: 'backend-2', port: 8002 },
    ],
    home: resolve('.holdfast'),
    databaseUrl: undefined,
    shardCapacity: 75,
    authMode: 'token',
  });
});

test('any number of shards can be asked for, each with its port', () => {
  const { shards } = readSettings({ SHARDS: '3', BACKEND_2_PORT: '9000' });
  expect(shards.map(({ port }) => port)).toEqual([8001, 9000, 8003]);
});

test('a mistake is said in a sentence that names the variable', () => {
  const messageOf = (env: Record<string, string>) => {
    try {
      readSettings(env);
    } catch (error) {
      return (error as Error).message;
    }
    return 'no mistake';
  };
  expect(messageOf({ PORT: '99999' })).toBe('The variable PORT is not usable: must be a whole number from 1 to 65535.');
  expect(messageOf({ BACKEND_1_PORT: 'x' })).toContain('BACKEND_1_PORT');
  expect(messageOf({ SHARDS: '0' })).toContain('SHARDS');
  expect(messageOf({ SHARD_CAPACITY: '0' })).toBe(
    'The variable SHARD_CAPACITY is not usable: must be a whole number from 1.',
  );
  expect(messageOf({ AUTH_MODE: 'none' })).toBe('The variable AUTH_MODE is not usable: must be token or proxy.');
  expect(messageOf({ DATABASE_URL: 'mysql://x' })).toContain('DATABASE_URL');
  expect(messageOf({ PORT: '' })).toBe('no mistake');
});

test('the PG variables stand for a database URL', () => {
  const env = { PGHOST: '/run/pg', PGDATABASE: 'app', PGUSER: 'ada', PGPASSWORD: 'a/b' };
  expect(readSettings(env).databaseUrl).toBe('postgres://ada:a%2Fb@/app?host=%2Frun%2Fpg&port=5432');
  const modes = ['require', 'prefer', 'disable', 'verify-full'].map((PGSSLMODE) =>
    readSettings({ ...env, PGSSLMODE }).databaseUrl?.replace(/.*sslmode=/, ''),
  );
  expect(modes).toEqual(['verify-full', 'no-verify', 'disable', 'verify-full']);
});

test('children see nothing of the environment but what they need', () => {
  const env = { PATH: '/bin', LC_ALL: 'C', TRUSTED_PROXY_SECRET: 's', AWS_SECRET: 's', NODE_OPTIONS: '--inspect' };
  expect(readSettings(env).childEnvironment).toEqual({ PATH: '/bin', LC_ALL: 'C' });
});
