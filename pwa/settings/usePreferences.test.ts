/** Windows and browsers of one person against a server in memory: what is set in one is found in all, whatever fails between. */
import { describe, expect, test } from 'vitest';
import { AppError } from '../../protocol/errors.ts';
import { ADA, createBrowser, createServer, type Server } from '../../server/testing/preferencesInMemory.ts';
import { until } from '../../server/testing/until.ts';
import { FIRST_RETRY_MS, SAVE_AFTER_MS, SAVE_FOR_OTHERS_AFTER_MS } from './preferenceSync.ts';

async function openConnected(server: Server, browser = createBrowser(server)) {
  const window = await browser.open();
  window.connected();
  await until(() => window.isFresh.value);
  return window;
}

describe('without a server', () => {
  test('a window shows what was kept, before anybody answered', async () => {
    const server = createServer();
    const browser = createBrowser(server);
    const first = await openConnected(server, browser);
    first.change('settings', { size: 14 });
    first.save();
    await until(first.isSaved);
    server.trouble = new AppError('connection.offline', 'nobody there');
    const second = await browser.open();
    expect([second.settings(), second.states.value.settings, second.isFresh.value]).toEqual([
      { size: 14 },
      'saved',
      false,
    ]);
  });

  test('what is changed is kept, says that it waits, and is sent by the next window', async () => {
    const server = createServer();
    server.set('settings', { size: 12, theme: 'dark' });
    const browser = createBrowser(server);
    const first = await openConnected(server, browser);
    server.trouble = new AppError('connection.offline', 'nobody there');
    first.change('settings', { size: 14, theme: undefined });
    expect(first.states.value.settings).toBe('saving');
    first.save();
    await until(() => first.states.value.settings === 'waiting');
    first.close();
    server.set('settings', { size: 12, theme: 'light', font: 'mono' });
    server.trouble = null;
    const second = await browser.open();
    expect(second.settings()).toEqual({ size: 14 });
    second.connected();
    await until(second.isSaved);
    expect(server.valueOf('settings')).toEqual({ size: 14, font: 'mono' });
    expect(second.settings()).toEqual({ size: 14, font: 'mono' });
  });

  test('a kept record that is none is passed over, and so is another person’s', async () => {
    const server = createServer();
    const kept = (email: string) => ({
      email,
      documents: [{ name: 'settings', revision: 0, value: {}, changes: { a: 1 } }],
    });
    const me = { email: ADA, name: 'Ada', roles: ['user' as const] };
    for (const preferences of [
      7,
      {},
      { email: ADA, documents: [null] },
      { email: ADA, documents: [{}] },
      kept('bob@b'),
    ]) {
      const window = await openConnected(server, createBrowser(server, { me, preferences: preferences as never }));
      await until(window.isSaved);
      expect(window.settings()).toEqual({});
    }
    const window = await openConnected(server, createBrowser(server, { me, preferences: kept(ADA) }));
    await until(window.isSaved);
    expect(server.valueOf('settings')).toEqual({ a: 1 });
  });
});

describe('with a server', () => {
  test('changes in quick succession are saved at once, in the end', async () => {
    const server = createServer();
    const window = await openConnected(server);
    for (let size = 1; size <= 5; size++) {
      window.change('layout', { size });
      window.clock.advance(SAVE_AFTER_MS - 1);
      expect(window.clock.pendingTimers).toBe(1);
    }
    expect([window.values.layout.value, server.puts]).toEqual([{ size: 5 }, 0]);
    window.save();
    await until(window.isSaved);
    expect([server.valueOf('layout'), server.puts]).toEqual([{ size: 5 }, 1]);
    expect(window.clock.pendingTimers).toBe(0);
  });

  test('a person who turns away does not wait', async () => {
    const server = createServer();
    const window = await openConnected(server);
    window.change('settings', { size: 14 });
    window.hide();
    await until(window.isSaved);
    expect(server.valueOf('settings')).toEqual({ size: 14 });
  });

  test('another device’s change arrives, and what is the same stays the same object', async () => {
    const server = createServer();
    server.set('keymap', { copy: ['ctrl', 'c'] });
    const window = await openConnected(server);
    const keymap = window.values.keymap.value;
    server.set('settings', { size: 15 });
    window.connected();
    await until(() => window.settings().size === 15);
    expect(window.values.keymap.value).toBe(keymap);
    expect(server.puts).toBe(0);
  });

  test('what the caller goes on changing is not what was set', async () => {
    const server = createServer();
    const window = await openConnected(server);
    const colours = ['red'];
    window.change('settings', { colours, nothing: undefined, when: new Date(0) });
    colours.push('blue');
    window.save();
    await until(window.isSaved);
    expect(server.valueOf('settings')).toEqual({ colours: ['red'], when: '1970-01-01T00:00:00.000Z' });
    window.change('settings', { colours: ['red'] });
    expect([window.states.value.settings, window.clock.pendingTimers]).toEqual(['saved', 0]);
  });

  test('members that are taken out of a document are gone from it everywhere', async () => {
    const server = createServer();
    server.set('settings', { a: 1, b: 2 });
    const window = await openConnected(server);
    window.change('settings', { a: undefined, b: 3, c: 4 });
    window.save();
    await until(window.isSaved);
    expect(server.valueOf('settings')).toEqual({ b: 3, c: 4 });
  });

  test('what is changed during a save is sent by the next one, also back to what it was', async () => {
    const server = createServer();
    server.set('settings', { size: 12 });
    const window = await openConnected(server);
    window.change('settings', { size: 13 });
    server.beforePut = () => window.change('settings', { size: 12 });
    window.save();
    await until(() => server.valueOf('settings')?.size === 13);
    server.beforePut = () => {};
    expect([window.settings(), window.states.value.settings]).toEqual([{ size: 12 }, 'saving']);
    window.save();
    await until(window.isSaved);
    expect(server.valueOf('settings')).toEqual({ size: 12 });
  });
});

describe('two devices', () => {
  test('keep both what each has changed, and of the same key what came later', async () => {
    const server = createServer();
    server.set('settings', { size: 12, font: 'a', theme: 'dark', future: { deep: [1] } });
    const [laptop, phone] = [await openConnected(server), await openConnected(server)];
    laptop.change('settings', { size: 13, theme: undefined });
    phone.change('settings', { size: 14, font: 'b' });
    laptop.save();
    await until(laptop.isSaved);
    phone.save();
    await until(phone.isSaved);
    const merged = { size: 14, font: 'b', future: { deep: [1] } };
    laptop.connected();
    await until(() => laptop.settings().size === 14);
    expect([server.valueOf('settings'), phone.settings(), laptop.settings()]).toEqual([merged, merged, merged]);
  });

  test('that make the first document at the same time make one', async () => {
    const server = createServer();
    const [laptop, phone] = [await openConnected(server), await openConnected(server)];
    laptop.change('settings', { size: 13 });
    phone.change('settings', { font: 'b' });
    laptop.save();
    phone.save();
    await until(() => laptop.isSaved() && phone.isSaved());
    expect(server.valueOf('settings')).toEqual({ size: 13, font: 'b' });
  });

  test('an answer that was lost leads to no second change', async () => {
    const server = createServer();
    const window = await openConnected(server);
    window.change('settings', { size: 13 });
    server.beforePut = () => {
      server.set('settings', { size: 13 });
      server.trouble = new AppError('connection.offline', 'cut');
      throw server.trouble;
    };
    window.save();
    await until(() => window.states.value.settings === 'waiting');
    server.beforePut = () => {};
    server.trouble = null;
    window.connected();
    await until(window.isSaved);
    expect([server.documents.get('settings')!.revision, server.puts]).toEqual([1, 1]);
  });

  test('of which one is overtaken again and again waits for a while', async () => {
    const server = createServer();
    const window = await openConnected(server);
    let turn = 0;
    server.beforePut = () => server.set('settings', { turn: turn++ });
    window.change('settings', { size: 13 });
    window.save();
    await until(() => window.states.value.settings === 'waiting');
    expect(turn).toBeLessThan(10);
    server.beforePut = () => {};
    window.clock.advance(FIRST_RETRY_MS);
    await until(window.isSaved);
    expect(server.valueOf('settings')).toEqual({ turn: turn - 1, size: 13 });
  });
});

describe('two windows of a browser', () => {
  test('show the same at once, and one of them saves it', async () => {
    const server = createServer();
    const browser = createBrowser(server);
    const [one, other] = [await openConnected(server, browser), await openConnected(server, browser)];
    one.change('settings', { size: 13 });
    other.change('settings', { font: 'b' });
    expect([one.settings(), other.settings()]).toEqual(Array(2).fill({ size: 13, font: 'b' }));
    one.save();
    await until(one.isSaved);
    expect([other.isSaved(), server.puts]).toEqual([true, 1]);
    other.clock.advance(SAVE_FOR_OTHERS_AFTER_MS);
    await until(() => other.clock.pendingTimers === 0);
    expect([server.valueOf('settings'), server.puts]).toEqual([{ size: 13, font: 'b' }, 1]);
  });

  test('what was changed in one that was closed is saved by the other', async () => {
    const server = createServer();
    const browser = createBrowser(server);
    const [one, other] = [await openConnected(server, browser), await openConnected(server, browser)];
    one.change('settings', { size: 13 });
    one.close();
    other.clock.advance(SAVE_FOR_OTHERS_AFTER_MS);
    await until(other.isSaved);
    expect(server.valueOf('settings')).toEqual({ size: 13 });
  });

  test('what one has saved does not come back from the other after somebody else changed it', async () => {
    const server = createServer();
    const browser = createBrowser(server);
    const [one, other] = [await openConnected(server, browser), await openConnected(server, browser)];
    one.change('settings', { size: 13 });
    one.save();
    await until(one.isSaved);
    server.set('settings', { size: 20 });
    other.connected();
    await until(() => other.settings().size === 20);
    other.clock.advance(SAVE_FOR_OTHERS_AFTER_MS);
    await until(() => other.clock.pendingTimers === 0);
    expect(server.valueOf('settings')).toEqual({ size: 20 });
  });
});

describe('what goes wrong', () => {
  test('a document that the server refuses says so, stays here, and holds up no other', async () => {
    const server = createServer();
    const window = await openConnected(server);
    window.change('settings', { long: 'x'.repeat(2_000) });
    window.change('layout', { split: true });
    window.save();
    await until(() => window.states.value.settings === 'refused' && window.states.value.layout === 'saved');
    expect([window.refusals.value, window.settings().long, server.valueOf('layout')]).toEqual([
      { settings: 'Above the limit.' },
      'x'.repeat(2_000),
      { split: true },
    ]);
    expect(window.clock.pendingTimers).toBe(0);
    window.change('settings', { long: 'short' });
    window.save();
    await until(window.isSaved);
    expect([window.refusals.value, server.valueOf('settings')]).toEqual([{}, { long: 'short' }]);
  });

  test('while the database is away it is tried again, ever less often', async () => {
    const server = createServer();
    const window = await openConnected(server);
    server.trouble = new AppError('database.unavailable', 'away');
    window.change('settings', { size: 13 });
    window.save();
    for (const waitMs of [1, 2, 4, 8, 12, 12].map((times) => times * FIRST_RETRY_MS)) {
      await until(() => window.states.value.settings === 'waiting' && window.clock.pendingTimers === 1);
      window.clock.advance(waitMs - 1);
      expect(window.clock.pendingTimers).toBe(1);
      window.clock.advance(1);
      expect(window.clock.pendingTimers).toBe(0);
    }
    await until(() => window.clock.pendingTimers === 1);
    server.trouble = null;
    window.clock.advance(12 * FIRST_RETRY_MS);
    await until(window.isSaved);
    expect(server.valueOf('settings')).toEqual({ size: 13 });
  });

  test.for(['route.not_found', 'AUTH_EXPIRED'] as const)(
    'after %s nothing is asked before the next connection',
    async (code) => {
      const server = createServer();
      const window = await openConnected(server);
      server.trouble = new AppError(code, 'no');
      window.change('settings', { size: 13 });
      window.save();
      await until(() => window.states.value.settings === 'waiting');
      expect(window.clock.pendingTimers).toBe(0);
      server.trouble = null;
      window.connected();
      await until(window.isSaved);
      expect(server.valueOf('settings')).toEqual({ size: 13 });
    },
  );

  test('a database that was lost gets back what this browser has', async () => {
    const server = createServer();
    server.set('settings', { size: 12 });
    const window = await openConnected(server);
    window.change('settings', { font: 'b' });
    server.documents.clear();
    window.connected();
    await until(() => server.valueOf('settings') !== undefined && window.isSaved());
    expect([server.valueOf('settings'), window.settings()]).toEqual(Array(2).fill({ size: 12, font: 'b' }));
  });

  test('when another person is signed in nothing goes to them, and nothing of theirs comes here', async () => {
    const server = createServer();
    server.set('settings', { size: 12 });
    const window = await openConnected(server);
    server.email = 'bob@example.com';
    server.set('settings', { bobs: true });
    window.change('settings', { size: 13 });
    window.connected();
    await until(() => window.refreshes() === 1);
    window.change('settings', { size: 14 });
    window.save();
    await until(() => window.refreshes() === 2);
    expect([window.settings(), server.valueOf('settings'), server.puts]).toEqual([{ size: 14 }, { bobs: true }, 0]);
  });

  test('documents that only a newer release knows are passed over', async () => {
    const server = createServer();
    server.set('notes', { a: 1 });
    const window = await openConnected(server);
    window.change('settings', { size: 13 });
    window.save();
    await until(window.isSaved);
    expect([...server.documents.keys()]).toEqual(['notes', 'settings']);
  });
});
