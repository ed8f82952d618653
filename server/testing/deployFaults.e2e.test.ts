import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Session } from '../../protocol/sessions.ts';
import { SCHEMA } from '../../db/connect.ts';
import { asAdmin } from '../../db/databases.ts';
import { isDraining as isShardDraining } from '../../scripts/deploy/shardState.ts';
import { openBrowser, waitForScreen } from './browser.ts';
import { Deployed } from './deployed.ts';
import { ATTEMPTS, INSTANCE, SECOND_DATABASE, startDeployTrial, type DeployTrial } from './deployTrial.ts';
import { ADMIN, type Fault } from './platform/state.ts';
import { STEADY_COMMAND, SteadySession } from './steadySession.ts';
import { Terminal } from './terminal.ts';
import { until } from './until.ts';

// One story in order: everything that can go wrong on the way does, while Ann works on backend-1 and her sockets are recycled.
const ANN = 'ann@example.com';
const VOLUME = '/Volumes/main/holdfast/state';
const SETTINGS = { STATE_STORE: `volume:${VOLUME}`, USERS_GROUP: 'users' };
/** Shorter than any that was heard of: our own signs of life must keep a silent terminal's socket open. */
const SOCKET_IDLE_MS = 20_000;
const RECYCLE_EVERY_MS = 3_000;
const RECYCLINGS = 40;
const KINDS = [1001, 1012, 'rst'] as const;
const size = { cols: 100, rows: 30 };
let trial: DeployTrial;
let deployed: Deployed;
let ann: SteadySession;
let recyclings = 0;
const closers: (() => unknown)[] = [];

beforeAll(async () => {
  trial = await startDeployTrial({ volumes: [VOLUME] });
  deployed = new Deployed(trial.platform);
  trial.platform.ingress.set({ socketIdleMs: SOCKET_IDLE_MS });
});
afterAll(async () => {
  for (const close of closers.reverse()) await close();
  await trial?.remove();
});

const deploy = (args: string[] = []) => trial.deploy(args, SETTINGS);
const refuse = (on: string, more: Partial<Fault> = {}): void =>
  trial.platform.store.addFault({ on, exit: { code: 1, stderr: 'Error: scripted refusal' }, ...more });
const openOn = (shardId: string, email: string, command: string[], more: object = {}) =>
  deployed.ask<Session>(email, `/api/shards/${shardId}/v1/sessions`, { command, ...size, ...more });

/** The next run, of one instance so that Ann's shard is left alone: through everything that comes before as well, to its end. */
async function expectCompletion(instance: string): Promise<void> {
  const before = deployed.releases();
  const { code, output } = await deploy(['--only', instance]);
  expect(code, output).toBe(0);
  const isNew = deployed.releases().map((release, at) => release !== before[at]);
  expect(isNew).toEqual(['backend-1', 'backend-2', 'frontend'].map((one) => one === instance));
  expect([await deployed.healths(), ann.mistake]).toEqual([['ok', 'ok', 'ok'], '']);
}

const isDraining = (shardId: string) => isShardDraining(trial.admin, shardId);

test('a first run that fails at any of what it makes is completed by the next ones', async () => {
  const points = [
    'current-user me',
    'auth token',
    'postgres list-endpoints',
    'postgres list-databases',
    'secrets list-scopes',
    'secrets create-scope',
    'secrets put-secret',
    'apps create',
    'apps create .*', // carried out, but its answer is lost
    'apps get-permissions',
    'postgres generate-database-credential',
    'workspace mkdirs',
    'apps deploy builder-backend-1',
  ];
  for (const point of points) {
    refuse(`^${point}`, point.endsWith('.*') ? { when: 'after' } : {});
    const { code, output } = await deploy();
    expect([point, code, output.includes('scripted refusal')]).toEqual([point, 1, true]);
  }
  expect((await deploy()).code).toBe(0);
  expect(await deployed.healths()).toEqual(['ok', 'ok', 'ok']);

  const { answer } = await openOn('backend-1', ANN, STEADY_COMMAND);
  const hf = await deployed.client(ANN);
  ann = await SteadySession.attach(hf, answer);
  const timer = setInterval(() => {
    const { ingress } = trial.platform;
    if (recyclings % 2 === 1) ingress.refuseUpgrades(deployed.nameOf('frontend'), 1);
    ingress.recycle(KINDS[recyclings++ % KINDS.length]!);
  }, RECYCLE_EVERY_MS);
  closers.push(
    () => hf.close(),
    () => clearInterval(timer),
    () => ann.settled(),
  );
});

test.each([
  'current-user me',
  'auth token',
  'postgres list-endpoints',
  'secrets list-secrets',
  'secrets get-secret',
  'apps get builder-backend-2',
  'apps create-update',
  'apps get-permissions',
  'apps set-permissions',
  'apps update-permissions',
  'postgres generate-database-credential',
  'workspace import-dir .*frontend',
])('a later run that fails at `%s` touches nothing that runs, and the next one completes', async (point) => {
  const before = deployed.releases();
  if (point === 'apps create-update')
    trial.platform.store.update((state) => (state.apps['builder-frontend']!.app.description = 'changed by hand'));
  if (point === 'apps set-permissions')
    trial.platform.store.update(({ apps }) =>
      apps['builder-backend-1']!.access.push({ group_name: 'users', permission_level: 'CAN_USE' }),
    );
  refuse(`^${point}`);
  const { code, output } = await deploy();
  expect([code, deployed.releases()]).toEqual([1, before]);
  expect(output).toContain('scripted refusal');
  expect([await deployed.healths(), ann.mistake]).toEqual([['ok', 'ok', 'ok'], '']);
  await expectCompletion('frontend');
});

/** Of backend-2's app as the platform tells it. */
const tell = (changes: object): void =>
  trial.platform.store.update(({ apps }) => void Object.assign(apps['builder-backend-2']!.app, changes));
const inDatabase = (sql: string) => asAdmin(trial.admin, (client) => client.query(sql));
const ACTIVE = { compute_status: { state: 'ACTIVE', message: '' } };

/** Each is put up, and gives what takes it away again. */
const obstacles: [name: string, putUp: () => Promise<() => unknown>, reason: RegExp][] = [
  [
    'compute that has failed',
    () => {
      tell({ compute_status: { state: 'ERROR', message: 'no capacity in this region' } });
      return Promise.resolve(() => tell(ACTIVE));
    },
    /no capacity in this region/,
  ],
  [
    'compute that may not be started',
    () => {
      tell({ compute_status: { state: 'STOPPED', message: '' } });
      refuse('^apps start');
      return Promise.resolve(() => tell(ACTIVE));
    },
    /scripted refusal/,
  ],
  [
    'an address that is not one of the platform',
    () => {
      const { url } = trial.platform.app('builder-backend-2');
      tell({ url: 'https://builder-backend-2.example.com' });
      return Promise.resolve(() => tell({ url }));
    },
    /uilder-backend-2 has the address builder-backend-2.example.com, which is not one/,
  ],
  [
    'a database that does not let its owner in',
    async () => {
      await inDatabase(`alter role "${ADMIN}" connection limit 0`);
      return () => inDatabase(`alter role "${ADMIN}" connection limit -1`);
    },
    /migrations: FAILED[^]*too many connections/,
  ],
  [
    'a migration that fails',
    async () => {
      // One that was done already: its table is there.
      const { rows } = await inDatabase(
        `delete from ${SCHEMA}.knex_migrations where name ~ 'preferences' returning name, batch, migration_time`,
      );
      const { name, batch } = rows[0] as { name: string; batch: number };
      return () =>
        inDatabase(
          `insert into ${SCHEMA}.knex_migrations (name, batch, migration_time) values ('${name}', ${batch}, now())`,
        );
    },
    /migrations: FAILED[^]*already exists/,
  ],
  [
    'a table that is somebody else’s',
    async () => {
      await inDatabase(`alter table ${SCHEMA}.preferences owner to ${trial.admin.user}`);
      return () => inDatabase(`alter table ${SCHEMA}.preferences owner to "${ADMIN}"`);
    },
    /grants: FAILED[^]*permission denied/,
  ],
];
test.each(obstacles)(
  '%s is told and touches nothing that runs, and the next run completes',
  async (_name, putUp, reason) => {
    const before = deployed.releases();
    const takeAway = await putUp();
    const { code, output } = await deploy();
    await takeAway();
    expect([code, deployed.releases()]).toEqual([1, before]);
    expect(output).toMatch(reason);
    expect([await deployed.healths(), ann.mistake]).toEqual([['ok', 'ok', 'ok'], '']);
    await expectCompletion('frontend');
  },
);

const inRollOut: [name: string, instance: string, inject: () => void, reason: RegExp][] = [
  ['a refused deployment', 'backend-2', () => refuse('^apps deploy builder-backend-2'), /goes on with/],
  [
    'a deployment whose answer is lost',
    'backend-2',
    () => refuse('^apps deploy builder-backend-2', { when: 'after' }),
    /backend-2 +put back/,
  ],
  [
    'a deployment that fails',
    'backend-2',
    () =>
      trial.platform.store.addFault({ on: '^deployment builder-backend-2$', state: 'FAILED', message: 'npm said no' }),
    /npm said no/,
  ],
  [
    'a backend that crashes',
    'backend-2',
    () => trial.platform.store.addFault({ on: '^app builder-backend-2$', state: 'CRASHED', message: 'it ended' }),
    /CRASHED/,
  ],
  [
    'a backend that does not answer',
    'backend-2',
    () =>
      trial.platform.ingress.failRequests('builder-backend-2', { path: '/api/health', status: 502, count: ATTEMPTS }),
    /does not listen \(502/,
  ],
  [
    'a refused deployment of the frontend',
    'frontend',
    () => refuse('^apps deploy builder-frontend'),
    /frontend +goes on with/,
  ],
  [
    'a frontend that does not answer',
    'frontend',
    () =>
      trial.platform.ingress.failRequests('builder-frontend', { path: '/api/health', status: 403, count: ATTEMPTS }),
    /no CAN_USE/,
  ],
  [
    'a backend to which no socket comes through',
    'frontend',
    () => trial.platform.ingress.refuseUpgrades('builder-backend-2', ATTEMPTS),
    /a websocket was not given/,
  ],
];
test.each(inRollOut)(
  '%s is told, what was there before is put back, and the next run completes',
  async (_name, instance, inject, reason) => {
    const before = deployed.releases();
    inject();
    const { code, output } = await deploy(['--only', instance]);
    expect([code, deployed.releases()], output).toEqual([1, before]);
    expect(output).toMatch(reason);
    expect([await deployed.healths(), ann.mistake]).toEqual([['ok', 'ok', 'ok'], '']);
    expect(await isDraining('backend-2')).toBe(false);
    await expectCompletion(instance);
  },
);

test('what cannot be put back either is told, and the next run completes', async () => {
  trial.platform.store.addFault({ on: '^app builder-backend-2$', state: 'CRASHED', message: 'it ended' });
  refuse('^apps deploy builder-backend-2', { skip: 1 });
  const { code, output } = await deploy(['--only', 'backend-2']);
  expect(code).toBe(1);
  expect(output).toMatch(/CRASHED[^]*put back: FAILED[^]*could not be put back. backend-2: .*scripted refusal/);
  expect([(await deployed.healths())[1], ann.mistake]).toEqual([502, '']);
  await expectCompletion('backend-2');
  expect(await isDraining('backend-2')).toBe(false);
});

test.each(['list', 'delete'])('a good release stays one when old ones cannot be removed (%s)', async (verb) => {
  refuse(`^workspace ${verb}`);
  const { code, output } = await deploy(['--only', 'frontend']);
  expect([code, await deployed.healths(), ann.mistake], output).toEqual([0, ['ok', 'ok', 'ok'], '']);
  expect(output).toMatch(/Beware: old releases were not removed\. .*scripted refusal[^]*Holdfast is deployed/);
});

test('a volume that is not named again is asked for, not forgotten', async () => {
  const before = deployed.releases();
  const { code, output } = await trial.deploy([]);
  expect([code, deployed.releases()]).toEqual([1, before]);
  expect(output).toContain('stores in a volume: say STATE_STORE again');
});

test('a deployment that waits for a shard to be empty can be interrupted, and goes on when its last session is put away', async () => {
  const { answer } = await openOn('backend-2', ADMIN, ['/bin/cat']);
  const before = deployed.releases();
  const args = ['--only', 'backend-2', '--when-empty'];
  const interrupted = trial.begin(args, SETTINGS);
  await until(() => interrupted.output().includes('waits for 1 session to end'));
  expect(await isDraining('backend-2')).toBe(true);
  interrupted.interrupt();
  expect([(await interrupted.end).code, deployed.releases(), await isDraining('backend-2')]).toEqual([
    1,
    before,
    false,
  ]);

  const waiting = trial.begin(args, SETTINGS);
  await until(() => waiting.output().includes('waits for 1 session to end'));
  const hf = await deployed.client(ADMIN);
  onTestFinished(() => hf.close());
  await expect.poll(async () => (await hf.sessions.get(answer.id)).state).toBe('running');
  // New people go elsewhere meanwhile.
  expect((await openOn('backend-2', ANN, ['/bin/cat'])).code).toBe('shard.full');
  await hf.sessions.putAway(answer.id);
  const { code, output } = await waiting.end;
  expect(code, output).toBe(0);
  expect((await hf.sessions.get(answer.id)).state).toBe('hibernated');
  await hf.sessions.close(answer.id);
  expect(deployed.releases().map((release, at) => release === before[at])).toEqual([true, false, true]);
});

test('a workspace whose ingress drops our header and lets claims pass is found out, and works as well', async () => {
  const { ingress } = trial.platform;
  ingress.set({
    dropCustomHeaders: true,
    passCallerForwardedEmail: true,
    hasUserAuthorization: true,
    isBuffering: true,
  });
  const { code, output } = await deploy(['--only', 'frontend']);
  expect(code, output).toBe(0);
  expect(output).toMatch(
    /backend-2 +identity by query, own header arrives: no.*X-Forwarded-Email: yes, websocket: yes/,
  );
  const hf = await deployed.client(ADMIN);
  onTestFinished(() => hf.close());
  const echo = await Terminal.open(hf, ['/bin/cat']);
  echo.write('by the parameter\n');
  await echo.waitFor('by the parameter\r\n');
  // And back while it runs, as when a platform changes: found out by itself.
  ingress.set({
    dropCustomHeaders: false,
    passCallerForwardedEmail: false,
    hasUserAuthorization: false,
    isBuffering: false,
  });
  ingress.recycle('rst');
  echo.write('by the header\n');
  await echo.waitFor('by the header\r\n');
  await hf.sessions.close(echo.session.id);
  for (const secret of ['hfa=', 'x-holdfast-assertion'])
    expect(trial.platform.log('builder-backend-1')).not.toContain(secret);
});

test('sockets that were recycled every few seconds all the while cost neither a byte nor a key', async () => {
  await until(() => recyclings >= RECYCLINGS || ann.mistake !== '');
  await until(() => ann.settled());
  expect([ann.mistake, ann.lines > 0]).toEqual(['', true]);
});

test('a deployment of backend-1 leaves those of backend-2 alone, and offers an agent its conversation and its work again', async () => {
  const hf = await deployed.client(ANN);
  onTestFinished(() => hf.close());
  const { answer: other } = await openOn('backend-2', ADMIN, STEADY_COMMAND);
  const adminClient = await deployed.client(ADMIN);
  onTestFinished(() => adminClient.close());
  const admin = await SteadySession.attach(adminClient, other);

  // A stand-in that keeps what the agent would keep, where the agent would keep it.
  const programs = mkdtempSync(join(tmpdir(), 'hf-agent-'));
  closers.push(() => rmSync(programs, { recursive: true }));
  const program = join(programs, 'claude');
  writeFileSync(
    program,
    `#!/bin/sh
folder="$HOME/.claude/projects/$(pwd | sed 's/[^a-zA-Z0-9]/-/g')"; mkdir -p "$folder"; record="$folder/$2.jsonl"
echo "began $1" >> "$record"; echo "records:$(wc -l < "$record"):"; git status --porcelain; exec cat
`,
    { mode: 0o755 },
  );
  const { answer: shell } = await openOn('backend-1', ANN, ['/bin/sh']);
  const inShell = await Terminal.attach(hf, shell);
  inShell.write(
    'mkdir -p work/project && cd work/project && git init -q && echo one > a && git add a && ' +
      'git -c user.name=a -c user.email=a@b commit -qm first && echo two > a && echo new > b && echo "at:$PWD:"\n',
  );
  const cwd = /at:(\/.*):\r/.exec(await inShell.waitFor('project:\r'))![1]!;
  await hf.sessions.close(shell.id);
  const { answer: agent, code: opened } = await openOn('backend-1', ANN, [program], { cwd, name: 'the agent' });
  expect(opened).toBe('ok');
  const inAgent = await Terminal.attach(hf, agent);
  await inAgent.waitFor('records:1:');

  // Nobody promises that the container before is told to end: then it must find out, and not take the shard back.
  trial.platform.runner.set({ isForgetful: true });
  const { code, output } = await deploy(['--only', 'backend-1']);
  expect(code, output).toBe(0);
  await until(() => trial.platform.log(deployed.nameOf('backend-1')).includes('a newer container has the shard'));
  expect(admin.mistake).toBe('');
  await until(async () => (await hf.sessions.get(agent.id)).state === 'lost');

  const browser = await openBrowser();
  closers.push(() => browser.remove());
  const [name, value] = deployed.cookie(ANN).split('=') as [string, string];
  await browser.context.addCookies([{ name, value, url: deployed.urlOf('frontend') }]);
  const page = await browser.context.newPage();
  await page.goto(deployed.urlOf('frontend'));
  await page.getByRole('navigation').locator('.open', { hasText: 'the agent' }).click();
  await page.getByRole('button', { name: 'Revive' }).click();
  const screen = (await waitForScreen(page, 'records:2:')).join('\n');
  expect(screen).toMatch(/ M a\n\?\? b/);
  await until(() => admin.settled());
  expect(admin.mistake).toBe('');
});

test('the provisioned product of Lakebase carries it as well', async () => {
  const other = new Deployed(trial.platform, 'prov', ['backend-1', 'frontend']);
  const { code, output } = await trial.deploy([], {
    LAKEBASE_BRANCH: '',
    LAKEBASE_INSTANCE: INSTANCE,
    LAKEBASE_DATABASE: SECOND_DATABASE,
    APP_PREFIX: 'prov',
    BACKENDS: '1',
  });
  expect(code, output).toBe(0);
  expect(await other.healths()).toEqual(['ok', 'ok']);
});
