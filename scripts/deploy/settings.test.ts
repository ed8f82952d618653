import { expect, test } from 'vitest';
import { readDeploySettings } from './settings.ts';

const LAKEBASE = { LAKEBASE_BRANCH: 'projects/p/branches/main' };
const read = (argv: string[], env: Record<string, string> = {}) => readDeploySettings(argv, { ...LAKEBASE, ...env });

test('two backends of size LARGE with the prefix builder, unless something else is said', () => {
  expect(read([])).toMatchObject({
    command: { name: 'deploy' },
    prefix: 'builder',
    shardIds: ['backend-1', 'backend-2'],
    computeSize: 'LARGE',
    secretScope: 'builder',
    lakebase: { kind: 'autoscaling', branch: 'projects/p/branches/main' },
  });
  expect(read([], { BACKENDS: '3', APP_PREFIX: 'hf' })).toMatchObject({
    shardIds: ['backend-1', 'backend-2', 'backend-3'],
    secretScope: 'hf',
  });
});

test('each switch is a command of its own', () => {
  expect(read(['--logs', '--only', 'backend-2']).command).toEqual({ name: 'logs', app: 'backend-2' });
  expect(read(['--drain', 'backend-1', '--off']).command).toEqual({ name: 'drain', shardId: 'backend-1', isOff: true });
  expect(read(['--only', 'frontend,backend-1', '--when-empty'])).toMatchObject({
    only: ['frontend', 'backend-1'],
    isWhenEmpty: true,
  });
});

test.each([
  [['--config', 'x'], {}, /--config/],
  [['--only', 'backend-3'], {}, /backend-3/],
  [['--status', '--rollback'], {}, /exclude/],
  [['--drain', 'frontend'], {}, /no sessions/],
  [['--off'], {}, /--drain/],
  [['--rotate-keys', '--only', 'frontend'], {}, /all instances/],
  [[], { APP_PREFIX: 'Builder' }, /APP_PREFIX/],
  [[], { APP_PREFIX: 'a-prefix-that-is-much-too-long' }, /30/],
  [[], { LAKEBASE_INSTANCE: 'i' }, /exclude/],
  [[], { LAKEBASE_BRANCH: 'main' }, /LAKEBASE_BRANCH/],
  [[], { LAKEBASE_BRANCH: '' }, /not named/],
  [[], { LAKEBASE_DATABASE: 'databricks_postgres' }, /resource name/],
  [[], { STATE_STORE: 's3://bucket' }, /STATE_STORE/],
])('%j with %j is refused in a sentence', (argv, env, sentence) => {
  expect(() => read(argv, env)).toThrow(sentence);
});
