import { expect, test } from 'vitest';
import { ManualClock } from '../testing/manualClock.ts';
import { lakebaseConnection, type LakebaseProduct } from './lakebase.ts';
import type { WorkspaceClient } from './workspaceClient.ts';

const HOUR_MS = 3_600_000;
const PLACE = { host: 'db.example.com', port: 5432, database: 'd', user: 'u', sslMode: 'require' as const };

function setUp(product: LakebaseProduct, timeField: 'expire_time' | 'expiration_time') {
  const clock = new ManualClock();
  const calls: { path: string; body: Record<string, unknown> }[] = [];
  const json = (_method: string, path: string, { body }: { body: Record<string, unknown> }) => {
    calls.push({ path, body });
    const time = new Date(clock.now() + HOUR_MS).toISOString();
    return Promise.resolve({ token: `t${calls.length}`, [timeField]: time });
  };
  const connection = lakebaseConnection({ ...PLACE, product }, { json } as unknown as WorkspaceClient, clock);
  return { clock, calls, connection, ask: connection.password as () => Promise<string> };
}

test('each product is asked in its own words', async () => {
  const autoscaling = setUp({ endpoint: 'projects/p/branches/b/endpoints/e' }, 'expire_time');
  expect(await autoscaling.ask()).toBe('t1');
  expect(autoscaling.calls).toEqual([
    { path: '/api/2.0/postgres/credentials', body: { endpoint: 'projects/p/branches/b/endpoints/e' } },
  ]);
  const provisioned = setUp({ instance: 'hf' }, 'expiration_time');
  expect(await provisioned.ask()).toBe('t1');
  expect(provisioned.calls).toEqual([
    {
      path: '/api/2.0/database/credentials',
      body: { instance_names: ['hf'], request_id: expect.stringMatching(/^[\da-f-]{36}$/) as string },
    },
  ]);
});

test('an answer that is none of the product is not taken for a credential', async () => {
  await expect(setUp({ instance: 'hf' }, 'expire_time').ask()).rejects.toThrow('expiration_time');
});

test('a credential is used until two minutes before its end, by all who ask, or until it is refused', async () => {
  const { clock, ask, connection, calls } = setUp({ instance: 'hf' }, 'expiration_time');
  expect(await Promise.all([ask(), ask(), ask()])).toEqual(['t1', 't1', 't1']);
  clock.advance(HOUR_MS - 2 * 60_000 - 1);
  expect(await ask()).toBe('t1');
  clock.advance(1);
  expect(await Promise.all([ask(), ask()])).toEqual(['t2', 't2']);
  connection.onRefused?.('t1'); // of a login that began before
  expect(await ask()).toBe('t2');
  connection.onRefused?.('t2');
  expect(await ask()).toBe('t3');
  expect(calls).toHaveLength(3);
});

test('certificates are verified when encryption is required', () => {
  const ssl = (['require', 'prefer', 'disable'] as const).map(
    (sslMode) =>
      lakebaseConnection({ ...PLACE, sslMode, product: { instance: 'hf' } }, {} as WorkspaceClient, new ManualClock())
        .ssl,
  );
  expect(ssl).toEqual([{ rejectUnauthorized: true }, { rejectUnauthorized: false }, false]);
});
