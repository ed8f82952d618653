import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HostPlace, PathTaken, verdict } from './hostPlace.ts';

let home: string;
let servers: Server[];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'hf-place-'));
  mkdirSync(join(home, 'sessions'));
  servers = [];
});
afterEach(() => {
  for (const server of servers) server.close();
  rmSync(home, { recursive: true, force: true });
});

const place = () => new HostPlace(join(home, 'run', 'host.sock'), join(home, 'sessions'));
const server = () => {
  const one = createServer((socket) => socket.destroy());
  servers.push(one);
  return one;
};
const answers = () =>
  new Promise<boolean>((resolve) => {
    const probe = connect(join(home, 'run', 'host.sock'));
    probe.once('connect', () => resolve(probe.destroy() !== undefined));
    probe.once('error', () => resolve(false));
  });

test('a second host is told that the path is taken, and the first goes on', async () => {
  await place().take(server());
  await expect(place().take(server())).rejects.toBeInstanceOf(PathTaken);
  expect([await answers(), readdirSync(join(home, 'run'))]).toEqual([true, ['host.sock']]);
});

test("a dead host's socket is replaced", async () => {
  const dead = server();
  await place().take(dead);
  renameSync(join(home, 'run', 'host.sock'), join(home, 'run', 'kept'));
  await new Promise((resolve) => dead.close(resolve));
  renameSync(join(home, 'run', 'kept'), join(home, 'run', 'host.sock'));
  expect(await answers()).toBe(false);
  await place().take(server());
  expect([await answers(), readdirSync(join(home, 'run'))]).toEqual([true, ['host.sock']]);
});

test('a host sees that its socket was removed or replaced, and that its folder was moved', async () => {
  const ours = place();
  await ours.take(server());
  const seen = [ours.look().socket];
  rmSync(join(home, 'run', 'host.sock'));
  seen.push(ours.look().socket);
  await place().take(server());
  seen.push(ours.look().socket);
  ours.leave(); // the other one's
  renameSync(join(home, 'sessions'), join(home, 'moved'));
  mkdirSync(join(home, 'sessions'));
  expect([seen, ours.look().isDirectoryThere, await answers()]).toEqual([
    ['ours', 'missing', 'of another host'],
    false,
    true,
  ]);
});

test('a host that no backend can find ends, one that is connected stays, and a socket alone is made again', () => {
  const at = (socket: 'ours' | 'missing' | 'of another host', isDirectoryThere: boolean, hasController: boolean) =>
    verdict({ socket, isDirectoryThere, hasController });
  expect([
    at('ours', true, false),
    at('missing', true, false),
    at('missing', true, true),
    at('of another host', true, false),
    at('of another host', true, true),
    at('ours', false, true),
    at('ours', false, false),
    at('missing', false, false),
  ]).toEqual(['stay', 'listen again', 'listen again', 'end', 'stay', 'stay', 'end', 'end']);
});
