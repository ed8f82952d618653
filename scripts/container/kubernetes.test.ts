/**
 * The Kubernetes objects against the API's own types, and against what our servers read. The compiler checks them, because
 * the API's schemas let names pass that they do not know: a misspelt `livenesProbe` would be valid and do nothing.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { storeSetting } from '../../server/base/stateSetting.ts';
import { settingNames, type InstanceKind } from '../../server/config.ts';
import { madeSecrets } from '../../server/testing/madeSecrets.ts';
import { parseContainerArguments } from './arguments.ts';
import { secretFiles } from './secretFiles.ts';

const root = resolve(import.meta.dirname, '../..');
const directory = join(root, 'deploy/kubernetes');

interface Container {
  name: string;
  command?: string[];
  args?: string[];
  env?: { name: string; value?: string }[];
  lifecycle?: Record<string, { exec: { command: string[] } }>;
  volumeMounts?: { name: string; mountPath: string; subPath?: string; subPathExpr?: string }[];
  [probe: `${string}Probe`]: { httpGet: { path: string; port: string } };
}
interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
  stringData?: Record<string, string>;
  spec: {
    replicas: number;
    serviceName?: string;
    podSelector?: { matchLabels: object };
    selector?: { matchLabels: object };
    ingress?: { from: { podSelector: { matchLabels: object } }[] }[];
    template: {
      metadata: { labels: object };
      spec: { containers: [Container]; terminationGracePeriodSeconds: number };
    };
  };
}

const objects = readdirSync(directory)
  .filter((name) => name.endsWith('.yaml'))
  .flatMap((name) => parseAllDocuments(readFileSync(join(directory, name), 'utf8')))
  .map((document) => document.toJS() as KubernetesObject);
const find = (kind: string, name: string) =>
  objects.find((object) => object.kind === kind && object.metadata.name === name)!;
const containerOf = (object: KubernetesObject) => object.spec.template.spec.containers[0];
const backend = find('StatefulSet', 'backend');
const frontend = find('Deployment', 'frontend');
const shardIds = Array.from({ length: backend.spec.replicas }, (_, index) => `backend-${index}`);

/** `apps/v1` lies in `apps/v1`, `policy/v1` in `policy/v1`, `networking.k8s.io/v1` as it is written. */
function misfits(candidates: { apiVersion: string; kind: string }[]): string[] {
  const lines = candidates.flatMap((object, index) => [
    `import type { I${object.kind} as Kind${index} } from 'kubernetes-models/${object.apiVersion}';`,
    `export const object${index}: Kind${index} = ${JSON.stringify(object)};`,
  ]);
  const file = join(root, 'scripts/container/objects.ts');
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    target: ts.ScriptTarget.ES2022,
  };
  const host = ts.createCompilerHost(options);
  const text = lines.join('\n');
  const onDisk = { ...host };
  host.getSourceFile = (name, language, ...rest) =>
    name === file ? ts.createSourceFile(name, text, language) : onDisk.getSourceFile(name, language, ...rest);
  host.fileExists = (name) => name === file || onDisk.fileExists(name);
  const diagnostics = ts.getPreEmitDiagnostics(ts.createProgram([file], options, host));
  return diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
}

test('every object is one of the API, with no field that the API does not know', () => {
  expect(misfits(objects)).toEqual([]);
  const misspelt = JSON.parse(JSON.stringify(backend).replace('livenessProbe', 'livenesProbe')) as KubernetesObject;
  expect(misfits([misspelt])).toEqual([expect.stringContaining('livenesProbe')]);
}, 120_000);

test('everything lies in one namespace', () => {
  const others = objects.filter(({ kind, metadata }) => kind !== 'Namespace' && metadata.namespace !== 'holdfast');
  expect(others).toEqual([]);
});

test('a shard keeps its name, and the frontend calls it by that', () => {
  const env = Object.fromEntries(containerOf(frontend).env!.map(({ name, value }) => [name, value]));
  const service = backend.spec.serviceName!;
  const urls = shardIds.map((id) => ({ id, url: `http://${id}.${service}:8000` }));
  expect(JSON.parse(env['BACKEND_URLS']!)).toEqual(urls);
  expect(containerOf(backend).env).toContainEqual({
    name: 'SHARD_ID',
    valueFrom: { fieldRef: { fieldPath: 'metadata.name' } },
  });
});

test('every variable is one that the instance reads, and no secret is in one', () => {
  for (const object of [frontend, backend]) {
    const { args, env } = containerOf(object);
    const known = settingNames[args![0] as InstanceKind];
    const names = [...known.environment, ...known.secrets.map((secret) => `${secret}_FILE`)];
    expect(env!.map(({ name }) => name).filter((name) => !names.includes(name))).toEqual([]);
  }
});

test('what is shown as a comment could be said as it stands', () => {
  const text = readFileSync(join(directory, 'backend.yaml'), 'utf8');
  const shown = [...text.matchAll(/^ +# - \{ name: (\w+), value: (.+) \}$/gm)].map(([, name, value]) => [
    name!,
    value!,
  ]);
  const { environment, secrets } = settingNames.backend;
  const known: string[] = [...environment, ...secrets.map((secret) => `${secret}_FILE`)];
  expect(shown.map(([name]) => name)).toEqual([
    'STATE_STORE',
    'STATE_S3_ACCESS_KEY_ID_FILE',
    'STATE_S3_SECRET_ACCESS_KEY_FILE',
  ]);
  expect(shown.filter(([name]) => !known.includes(name!))).toEqual([]);
  expect(storeSetting(shown[0]![1]!.replaceAll("'", ''))).toMatchObject({ kind: 's3' });
});

test('of the addresses of all shards a backend is given its own', () => {
  const secrets = containerOf(backend).volumeMounts!.filter(({ name }) => name === 'secrets');
  expect(secrets.map(({ subPath, subPathExpr }) => subPath ?? subPathExpr)).toEqual([
    '$(SHARD_ID)_url',
    'assertion_public_keys',
    'screens_key',
  ]);
  const mounted = secrets.map(({ mountPath }) => mountPath);
  const named = containerOf(backend).env!.flatMap(({ name, value }) => (name.endsWith('_FILE') ? [value] : []));
  expect(named).toEqual(mounted);
});

test('every secret is a placeholder, and one that the command makes', () => {
  const made = Object.keys(secretFiles({ shardIds, database: 'x', admin: 'x' }, madeSecrets(shardIds)));
  const keys = objects.flatMap(({ stringData }) => Object.entries(stringData ?? {}));
  expect(keys.filter(([name, value]) => value !== 'REPLACE-ME' || !made.includes(name))).toEqual([]);
});

test('only the frontend reaches a backend', () => {
  const { podSelector, ingress } = find('NetworkPolicy', 'backend').spec;
  expect(podSelector!.matchLabels).toEqual(backend.spec.template.metadata.labels);
  expect(ingress!.flatMap(({ from }) => from.map((peer) => peer.podSelector.matchLabels))).toEqual([
    frontend.spec.template.metadata.labels,
  ]);
});

test('a shard is drained before it ends, within the time it has, and takes people again when it starts', () => {
  const { lifecycle } = containerOf(backend);
  const request = (hook: string) => parseContainerArguments(lifecycle![hook]!.exec.command.slice(2));
  expect([request('postStart'), request('preStop')]).toEqual([
    { command: 'undrain' },
    { command: 'drain', waitSeconds: 300 },
  ]);
  expect(backend.spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(300 + 25);
});

test('the migration makes the role of every instance', () => {
  const { command, args } = containerOf(find('Job', 'holdfast-migrate'));
  const path = (name: string) => `/run/holdfast-secrets/${name}_url`;
  expect(parseContainerArguments([...command!.slice(2), ...args!])).toEqual({
    command: 'migrate',
    admin: path('admin'),
    frontend: path('frontend'),
    backends: shardIds.map(path),
  });
});

test('whoever is asked for life and readiness answers there', () => {
  const asked = [frontend, backend].flatMap((object) =>
    (['startupProbe', 'readinessProbe', 'livenessProbe'] as const).map(
      (name) => containerOf(object)[name]!.httpGet.path,
    ),
  );
  expect(asked).toEqual(['/api/live', '/api/ready', '/api/live', '/api/live', '/api/ready', '/api/live']);
});
