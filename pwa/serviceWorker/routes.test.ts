import { expect, test } from 'vitest';
import { NEVER_OURS } from './routes.ts';

const isOurs = (path: string) => !NEVER_OURS.some((pattern) => pattern.test(path));

test('the API and every place to sign in are left to the network', () => {
  const paths = [
    '/api',
    '/api/me',
    '/api/shards/a/v1',
    '/sign-in?token=1',
    '/oidc/oauth2/v2.0/authorize?x',
    '/.auth/callback?code=1',
  ];
  expect(paths.filter(isOurs)).toEqual([]);
});

test('the app itself opens without a network', () => {
  const paths = ['/', '/?source=app', '/apiary', '/projects/1', '/oidcs'];
  expect(paths.filter(isOurs)).toEqual(paths);
});
