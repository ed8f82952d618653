/** Which layer a file belongs to, and what each layer may import. */

interface Layer {
  /** Matches paths from the root; the first layer that matches counts. */
  files: RegExp;
  /** Other layers of ours; a layer may always import itself. */
  layers: string[];
  /** Packages; absent: any. */
  packages?: RegExp;
}

const NODE = 'node:.*';
const exactly = (...names: string[]) => new RegExp(`^(${names.join('|')})$`);

/** From the bottom up: each level may import all levels before it, but nothing beside it. */
const serverLevels = [
  ['db', 'server/base'],
  ['server/http'],
  ['server/sockets'],
  ['server/metrics'],
  ['server/identity', 'server/tenants'],
  ['server/projects', 'server/preferences', 'server/databricks', 'server/shards', 'server/attention'],
  ['server/push'],
  ['server/state'],
  ['server/sessions'],
  ['server/files'],
  ['server/jobs'],
];
const below = (layer: string) =>
  serverLevels
    .slice(
      0,
      serverLevels.findIndex((level) => level.includes(layer)),
    )
    .flat();
const serverLayers = serverLevels.flat().filter((name) => name.startsWith('server/'));
const contracts = ['ptyhost contract', 'screens contract'];

/** Anything inside the browser: neither Node nor what only servers use. */
const BROWSER_PACKAGES = /^(?!node:|express$|knex$|pg$|socket\.io$|node-pty$|pino)/;

export const layers: Record<string, Layer> = {
  tests: { files: /(\.test\.ts|^server\/testing\/.*|^db\/testing(Setup)?\.ts)$/, layers: ['*'] },
  tooling: { files: /^[^/]+\.ts$/, layers: ['*'] },
  protocol: { files: /^protocol\//, layers: [], packages: exactly('zod') },
  client: {
    files: /^client\//,
    layers: ['protocol'],
    packages: exactly('zod', 'socket\\.io-client', 'socket\\.io-parser'),
  },
  db: {
    files: /^db\//,
    layers: ['protocol'],
    packages: exactly(NODE, 'knex', 'knex/.*', 'pg', 'pg-query-stream', 'pg-copy-streams', 'tar-stream', 'zod'),
  },
  'ptyhost contract': {
    files: /^server\/ptyhost\/(\w*[pP]rotocol|settings)\.ts$/,
    layers: ['protocol', 'server/base'],
  },
  'screens contract': { files: /^server\/screens\/\w*[pP]rotocol\.ts$/, layers: ['protocol', 'server/base'] },
  'server/ptyhost': {
    files: /^server\/ptyhost\//,
    layers: ['protocol', 'server/base', 'ptyhost contract'],
    packages: exactly(NODE, 'zod', 'node-pty', 'pino'),
  },
  'server/screens': {
    files: /^server\/screens\//,
    layers: ['protocol', 'server/base', 'screens contract'],
    packages: exactly(NODE, 'zod', '@xterm/.*', 'pino'),
  },
  ...Object.fromEntries(
    serverLayers.map((name) => [
      name,
      {
        files: new RegExp(`^${name}/`),
        layers: ['protocol', ...below(name), ...(name === 'server/sessions' ? contracts : [])],
      },
    ]),
  ),
  'server/config': { files: /^server\/config(\.ts$|\/)/, layers: ['protocol', 'server/base'] },
  'server entries': { files: /^server\/(frontend|backend|ptyHost|screens)\.ts$/, layers: ['*'] },
  // compose.ts and the files beside it that it is made of.
  'server/compose': {
    files: /^server\/\w+\.ts$/,
    layers: ['protocol', 'server/config', ...serverLevels.flat(), ...contracts],
  },
  scripts: {
    files: /^scripts\//,
    layers: [
      'protocol',
      'client',
      'db',
      'server/base',
      'server/config',
      'server/http',
      'server/identity',
      'server/databricks',
      'tests',
    ],
  },
  'pwa/ui': { files: /^pwa\/ui\//, layers: ['protocol', 'client'], packages: BROWSER_PACKAGES },
  'pwa/data': {
    files: /^pwa\/(connection|data)\//,
    layers: ['protocol', 'client', 'pwa/ui'],
    packages: BROWSER_PACKAGES,
  },
  'pwa/terminal': {
    files: /^pwa\/terminal\//,
    layers: ['protocol', 'client', 'pwa/ui', 'pwa/data'],
    packages: BROWSER_PACKAGES,
  },
  'pwa subjects': {
    files: /^pwa\/[^/]+\//,
    layers: ['protocol', 'client', 'pwa/ui', 'pwa/data', 'pwa/terminal'],
    packages: BROWSER_PACKAGES,
  },
  'pwa main': {
    files: /^pwa\//,
    layers: ['protocol', 'client', 'pwa/ui', 'pwa/data', 'pwa/terminal', 'pwa subjects'],
    packages: BROWSER_PACKAGES,
  },
};

export function layerOf(path: string): string {
  for (const [name, { files }] of Object.entries(layers)) if (files.test(path)) return name;
  return 'none';
}
