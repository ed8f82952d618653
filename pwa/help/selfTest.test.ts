import { expect, test } from 'vitest';
import { ManualClock } from '../../server/testing/manualClock.ts';
import { until } from '../../server/testing/until.ts';
import { connectionProbes } from './connectionProbes.ts';
import { missing, works, type Finding, type Probe, type ProbeWorld } from './finding.ts';
import { PROBES, PROBE_TIMEOUT_MS, reportOf, runProbes } from './selfTest.ts';
import { storageProbes } from './storageProbes.ts';
import { windowProbes } from './windowProbes.ts';

const noSignal = new AbortController().signal;
const probeOf = (probes: readonly Probe[], id: string) => probes.find((probe) => probe.id === id)!;

/** A browser that has only these things. */
function worldOf(window: object, more: Partial<ProbeWorld> = {}): ProbeWorld {
  const navigator = { maxTouchPoints: 0 };
  const bare = { navigator, isSecureContext: true, location: { protocol: 'https:', origin: 'https://hf.example' } };
  const fetch = () => Promise.reject(new TypeError('Failed to fetch'));
  return {
    window: { ...bare, matchMedia: () => ({ matches: false }), ...window } as unknown as ProbeWorld['window'],
    fetch,
    now: () => 0,
    date: () => 0,
    shardUrl: null,
    ...more,
  };
}
const answers = (text: string, init: ResponseInit = {}) =>
  (() => Promise.resolve(new Response(text, init))) as unknown as typeof fetch;
const find = async (probes: readonly Probe[], id: string, world: ProbeWorld): Promise<[string, string]> => {
  const { state, detail } = await probeOf(probes, id).run(world, noSignal);
  return [state, detail];
};

test('a browser that has nothing is told of without a failure, and each lack says what it means', async () => {
  const found = new Map<string, Finding>();
  const window = {
    isSecureContext: false,
    document: { createElement: () => ({ getContext: () => null }), fonts: { load: () => Promise.resolve([]) } },
  };
  await runProbes(PROBES, worldOf(window), new ManualClock(), noSignal, (probe, finding) =>
    found.set(probe.id, finding),
  );
  const lacks = [...found.values()].filter(({ state }) => state === 'missing');
  expect([found.size, lacks.length > 12, lacks.filter(({ meaning }) => meaning === '')]).toEqual([
    PROBES.length,
    true,
    [],
  ]);
  expect(new Set(PROBES.map(({ id }) => id)).size).toBe(PROBES.length);
});

test.each([
  ['granted', { permission: 'granted' }, 'works'],
  ['refused', { permission: 'denied' }, 'denied'],
  ['not asked', { permission: 'default' }, 'unknown'],
])('notifications that are %s', async (_, Notification, state) => {
  expect((await find(windowProbes, 'notifications', worldOf({ Notification })))[0]).toBe(state);
});

test.each([
  ['granted', () => Promise.resolve({ state: 'granted' }), 'works'],
  ['refused', () => Promise.resolve({ state: 'denied' }), 'denied'],
  ['to be asked', () => Promise.resolve({ state: 'prompt' }), 'unknown'],
  ['not told by the browser', () => Promise.reject(new TypeError('no such permission')), 'unknown'],
])('a clipboard that is %s', async (_, query, state) => {
  const navigator = { clipboard: { readText: () => {} }, permissions: { query } };
  expect((await find(windowProbes, 'clipboardRead', worldOf({ navigator })))[0]).toBe(state);
  expect((await find(windowProbes, 'clipboardWrite', worldOf({ navigator })))[0]).toBe('missing');
});

test('a service worker is active, on its way, or not there', async () => {
  const withWorker = (registration: object | undefined, controller: object | null = {}) =>
    worldOf({ navigator: { serviceWorker: { controller, getRegistration: () => Promise.resolve(registration) } } });
  expect(
    await Promise.all([
      find(storageProbes, 'serviceWorker', withWorker({ active: {} })),
      find(storageProbes, 'serviceWorker', withWorker({ active: {} }, null)),
      find(storageProbes, 'serviceWorker', withWorker({ active: {}, waiting: {} })),
      find(storageProbes, 'serviceWorker', withWorker({})),
      find(storageProbes, 'serviceWorker', withWorker(undefined)),
    ]),
  ).toEqual([
    ['works', 'active'],
    ['works', 'active, from the next load of this page on'],
    ['works', 'active, a new version waits'],
    ['unknown', 'being installed'],
    ['missing', 'not registered'],
  ]);
});

test('storage that throws is refused, and one that stays is asked of the browser', async () => {
  const refusing = {
    get localStorage(): Storage {
      throw new Error('SecurityError');
    },
  };
  const world = worldOf({});
  Object.defineProperty(world.window, 'localStorage', Object.getOwnPropertyDescriptor(refusing, 'localStorage')!);
  const kept = (isKept: boolean) => worldOf({ navigator: { storage: { persisted: () => Promise.resolve(isKept) } } });
  expect([
    (await find(storageProbes, 'localStorage', world))[0],
    (await find(storageProbes, 'persistence', kept(true)))[0],
    (await find(storageProbes, 'persistence', kept(false)))[0],
  ]).toEqual(['denied', 'works', 'denied']);
});

test('a GPU is named, and software said to be none', async () => {
  const drawnBy = (renderer: string) =>
    worldOf({
      document: {
        createElement: () => ({ getContext: () => ({ getExtension: () => null, getParameter: () => renderer }) }),
      },
    });
  const meanings = await Promise.all(
    ['Apple M4', 'SwiftShader'].map(
      async (renderer) => (await probeOf(windowProbes, 'webgl').run(drawnBy(renderer), noSignal)).meaning,
    ),
  );
  expect(meanings).toEqual(['', 'It is no real GPU, so terminals are drawn by the page.']);
});

test.each([
  ['agrees within two seconds', 1_500, 'agrees with the server’s'],
  ['is ahead', 60_500, '60 s ahead of the server’s'],
  ['is behind', -59_500, '60 s behind the server’s'],
])('a clock that %s', async (_, date, detail) => {
  const fetch = answers('{}', { headers: { date: new Date(0).toUTCString() } });
  expect(await find(connectionProbes, 'clock', worldOf({}, { fetch, date: () => date }))).toEqual(['works', detail]);
});

test.each([
  ['the server’s first message', '0{"sid":"x"}', 200, 'works'],
  ['a page of a proxy', '<html>', 200, 'missing'],
  ['no sign-in any more', '', 401, 'denied'],
])('polling that meets %s', async (_, text, status, state) => {
  const world = worldOf({}, { fetch: answers(text, { status }), shardUrl: '/api/shards/backend-1' });
  expect((await find(connectionProbes, 'polling', world))[0]).toBe(state);
});

test.each([
  ['opens', (socket: FakeSocket) => socket.onmessage?.({ data: '0{"sid":"x"}' }), 'works'],
  ['meets another server', (socket: FakeSocket) => socket.onmessage?.({ data: 'hello' }), 'missing'],
  ['is refused', (socket: FakeSocket) => socket.onerror?.(), 'missing'],
])('a websocket that %s', async (_, act, state) => {
  const opened: string[] = [];
  class WebSocket extends FakeSocket {
    constructor(url: URL) {
      super();
      opened.push(url.href);
      queueMicrotask(() => act(this));
    }
  }
  const world = worldOf({ WebSocket }, { shardUrl: '/api/shards/backend-1' });
  expect((await find(connectionProbes, 'websocket', world))[0]).toBe(state);
  expect(opened).toEqual(['wss://hf.example/api/shards/backend-1/socket.io/?EIO=4&transport=websocket']);
});

class FakeSocket {
  onmessage?: (event: { data: string }) => void;
  onerror?: () => void;
  close(): void {}
}

test('a probe that hangs or throws has found nothing out, and stops no other', async () => {
  const clock = new ManualClock();
  const probe = (id: string, run: Probe['run']): Probe => ({ id, title: id, run });
  const told: string[] = [];
  const probes = [
    probe('hangs', () => new Promise(() => {})),
    probe('throws', () => {
      throw new TypeError('no');
    }),
    probe('works', () => works('yes')),
  ];
  const running = runProbes(probes, worldOf({}), clock, noSignal, ({ id }, { state, detail }) =>
    told.push(`${id} ${state} ${detail}`),
  );
  await until(() => told.length === 2);
  clock.advance(PROBE_TIMEOUT_MS);
  await running;
  expect([told.sort(), clock.pendingTimers]).toEqual([
    ['hangs unknown no answer in time', 'throws unknown TypeError', 'works works yes'],
    0,
  ]);
});

test('who closed the self-test is told nothing more', async () => {
  const stop = new AbortController();
  const told: string[] = [];
  const running = runProbes(PROBES.slice(0, 3), worldOf({}), new ManualClock(), stop.signal, ({ id }) => told.push(id));
  stop.abort();
  await running;
  expect(told).toEqual([]);
});

test('a report has a line for each, with what it means', () => {
  const [one, other] = PROBES as [Probe, Probe];
  const about = { version: '1.2.3', userAgent: 'A browser', language: 'en', at: '2026-01-01T00:00:00.000Z' };
  const report = reportOf(
    [
      { probe: one, finding: works('version 1') },
      { probe: other, finding: missing('none', 'Slow.') },
    ],
    about,
  );
  expect(report.split('\n')).toEqual([
    'Holdfast 1.2.3 self-test, 2026-01-01T00:00:00.000Z',
    'A browser',
    'en',
    '',
    `${one.title}: works, version 1`,
    `${other.title}: missing, none (Slow.)`,
  ]);
});
