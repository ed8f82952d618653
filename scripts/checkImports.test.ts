import { expect, test } from 'vitest';
import { findCycles } from './checkImports/cycles.ts';
import { judge } from './checkImports/rules.ts';
import { parseSource } from './checkImports/sources.ts';

const problems = (path: string, code: string) =>
  judge(parseSource(path, code)).map(({ line, rule }) => `${line}: ${rule}`);

test('the protocol knows neither Node nor other folders', () => {
  expect(
    problems('protocol/a.ts', `import { z } from 'zod';\nimport fs from 'node:fs';\nimport { b } from '../db/b.ts';`),
  ).toEqual(['2: protocol may not import the package node:fs', '3: protocol may import nothing of ours, but not db']);
});

test('a server folder imports what is below it, nothing beside or above', () => {
  const code = (folder: string) => `import { x } from '../${folder}/x.ts';`;
  expect(problems('server/shards/a.ts', code('identity'))).toEqual([]);
  expect(problems('server/shards/a.ts', code('projects'))).toHaveLength(1);
  expect(problems('server/shards/a.ts', code('sessions'))).toHaveLength(1);
  expect(problems('server/base/a.ts', code('http'))).toHaveLength(1);
});

test('the pty host and the screens keep to themselves; sessions see only their contracts', () => {
  expect(problems('server/ptyhost/host.ts', `import { x } from '../sessions/x.ts';`)).toHaveLength(1);
  expect(problems('server/ptyhost/host.ts', `import { x } from '../screens/x.ts';`)).toHaveLength(1);
  expect(problems('server/sessions/a.ts', `import { x } from '../ptyhost/hostProtocol.ts';`)).toEqual([]);
  expect(problems('server/sessions/a.ts', `import { x } from '../ptyhost/host.ts';`)).toHaveLength(1);
});

test('routes and sockets are imported by compose only', () => {
  const code = `import { routes } from './sessionRoutes.ts';`;
  expect(problems('server/sessions/engine.ts', code)).toEqual([
    '1: server/sessions/sessionRoutes.ts is an edge: only compose imports routes and sockets',
  ]);
  expect(problems('server/compose.ts', `import { routes } from './sessions/sessionRoutes.ts';`)).toEqual([]);
});

test('the app imports in one direction and nothing of the server', () => {
  expect(problems('pwa/ui/a.ts', `import { x } from '../sessions/x.ts';`)).toHaveLength(1);
  expect(problems('pwa/sessions/a.ts', `import { x } from '../ui/x.ts';`)).toEqual([]);
  expect(problems('pwa/sessions/a.ts', `import { x } from '../../server/base/x.ts';`)).toHaveLength(1);
  expect(problems('pwa/sessions/a.ts', `import 'node:fs';`)).toHaveLength(1);
});

test('scripts of a Vue file are checked, with the line in the file', () => {
  const code = `<template>\n  <p>import x from 'y'</p>\n</template>\n<script setup lang="ts">\nimport { x } from '../sessions/x.ts';\n</script>`;
  expect(problems('pwa/ui/A.vue', code)).toEqual(['5: pwa/ui may import protocol, client, but not pwa subjects']);
});

test('type imports, re-exports and dynamic imports count', () => {
  const code = `import type { A } from '../db/a.ts';\nexport * from '../db/b.ts';\nconst c = import('../db/c.ts');\ntype D = import('../db/d.ts').D;`;
  expect(problems('client/a.ts', code)).toHaveLength(4);
});

test('the environment is read in one place', () => {
  for (const code of [
    `process.env.A`,
    `process['env']`,
    `const { env } = process`,
    `globalThis.process.env`,
    `import { env } from 'node:process'`,
  ]) {
    expect(problems('server/base/a.ts', code), code).toHaveLength(1);
    expect(problems('server/config.ts', code), code).toEqual([]);
  }
  expect(problems('server/base/a.ts', `// process.env is read elsewhere\nprocess.exit()`)).toEqual([]);
});

test('tests may import anything and are imported by nothing else', () => {
  expect(problems('server/base/a.test.ts', `import { x } from '../sessions/sessionRoutes.ts';`)).toEqual([]);
  expect(problems('server/base/a.ts', `import { x } from '../testing/x.ts';`)).toHaveLength(1);
});

test('a circle is found, also through type imports and longer ways', () => {
  const files = {
    'server/base/a.ts': `import type { b } from './b.ts';`,
    'server/base/b.ts': `import { c } from './c.ts';`,
    'server/base/c.ts': `import { a } from './a.ts';\nimport { d } from './d.ts';`,
    'server/base/d.ts': ``,
  };
  const sources = Object.entries(files).map(([path, code]) => parseSource(path, code));
  expect(findCycles(sources)).toEqual([['server/base/a.ts', 'server/base/b.ts', 'server/base/c.ts']]);
  expect(findCycles(sources.slice(1))).toEqual([]);
});
