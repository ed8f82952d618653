/** An upgrade, and the pipe that it becomes: nothing in it is parsed. */
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { upgradeHead } from './hopHeaders.ts';

/** An upgrade that is not answered in this time has failed. */
const UPGRADE_TIMEOUT_MS = 10_000;
/** How long the last bytes of an end that was orderly may take to reach the other side. */
const LAST_BYTES_MS = 5_000;

export interface GivenSocket {
  is: 'given';
  answer: IncomingMessage;
  shard: Socket;
  /** What came right behind the answer. */
  head: Buffer;
}
export type UpgradeOutcome = GivenSocket | { is: 'refused'; answer: IncomingMessage };

/** Rejects when nothing is answered; ended when the browser goes. */
export function askUpgrade(outgoing: ClientRequest, browser: Socket): Promise<UpgradeOutcome> {
  const gone = () => outgoing.destroy(new Error('the browser went'));
  const timer = setTimeout(
    () => outgoing.destroy(new Error('the upgrade is not answered in time')),
    UPGRADE_TIMEOUT_MS,
  );
  browser.once('close', gone);
  return new Promise<UpgradeOutcome>((resolve, reject) => {
    outgoing.once('upgrade', (answer: IncomingMessage, shard: Socket, head: Buffer) => {
      // Whatever fails with it ends it; without a listener it would end the process.
      shard.on('error', () => shard.destroy());
      browser.off('close', gone);
      if (browser.destroyed) shard.destroy();
      resolve({ is: 'given', answer, shard, head });
    });
    outgoing.once('response', (answer: IncomingMessage) => {
      answer.on('error', () => undefined);
      outgoing.once('close', () => browser.off('close', gone));
      resolve({ is: 'refused', answer });
    });
    outgoing.on('error', reject);
    outgoing.once('close', () => reject(new Error('the connection ended without an answer')));
    outgoing.end();
  }).finally(() => clearTimeout(timer));
}

/** @param head what the browser sent right behind its request */
export function joinSockets(browser: Socket, head: Buffer, { answer, shard, head: shardHead }: GivenSocket): void {
  for (const socket of [browser, shard]) {
    socket.setTimeout(0);
    socket.setNoDelay(true);
    socket.setKeepAlive(true);
  }
  endTogether(browser, shard);
  browser.write(upgradeHead(answer.headers));
  if (shardHead.length > 0) browser.write(shardHead);
  if (head.length > 0) shard.write(head);
  shard.pipe(browser).pipe(shard);
}

/** Either end that goes takes the other along, also when it goes without a word. */
function endTogether(one: Socket, other: Socket): void {
  const follow = (gone: Socket, left: Socket) => {
    gone.once('close', () => {
      if (!gone.readableEnded) return left.destroy();
      // It said goodbye, and its last bytes may still be on their way: the word why a socket is closed, for one.
      left.setTimeout(LAST_BYTES_MS, () => left.destroy());
      left.destroySoon();
    });
    if (gone.destroyed) left.destroy();
  };
  follow(one, other);
  follow(other, one);
}
