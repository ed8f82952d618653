/** Calls the devices of people: each device a few times at most, and none whose push service has forgotten it. */
import type { PushNote } from '../../protocol/attention.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { PostOut } from './postOut.ts';
import { pushMessage, type PushIdentity } from './pushMessage.ts';
import type { Device, PushStore } from './pushStore.ts';

/** After the first try; what fails after the last is given up. */
export const RETRY_DELAYS_MS = [2_000, 10_000, 60_000];
/** Longer than this a push service is not waited for: what it would be told is old by then. */
const MAX_RETRY_AFTER_MS = 120_000;
/** Calls that are under way or wait; more are dropped, because a flood of them calls nobody. */
const MAX_UNDER_WAY = 200;

export interface PusherParts {
  store: Pick<PushStore, 'devicesOf' | 'forget'>;
  identity: PushIdentity;
  post: PostOut;
  clock: Clock;
  log: Log;
}

export class Pusher {
  #underWay = 0;
  #closing = new AbortController();

  constructor(private readonly parts: PusherParts) {}

  /** Never rejects. Resolves when every device of the person was called, or given up. */
  async call(email: string, note: PushNote): Promise<void> {
    try {
      const devices = await this.parts.store.devicesOf(email);
      await Promise.all(devices.map((device) => this.#callDevice(device, note)));
    } catch (error) {
      this.parts.log.warn({ err: error, user: email }, 'the devices of a person could not be called');
    }
  }

  close(): void {
    this.#closing.abort();
  }

  async #callDevice(device: Device, note: PushNote): Promise<void> {
    if (this.#underWay >= MAX_UNDER_WAY) return this.parts.log.warn('too many calls wait: one was dropped');
    this.#underWay++;
    try {
      for (const delayMs of [...RETRY_DELAYS_MS, null]) {
        const retryMs = await this.#try(device, note);
        if (retryMs === null || delayMs === null) return;
        await this.#wait(Math.max(delayMs, retryMs));
        if (this.#closing.signal.aborted) return;
      }
    } finally {
      this.#underWay--;
    }
  }

  /** Null: done, or never to be tried again; otherwise how long the push service wants to be left alone. */
  async #try(device: Device, note: PushNote): Promise<number | null> {
    const { identity, post, store, log } = this.parts;
    const { id } = device;
    try {
      const { status, retryAfterSeconds } = await post(
        device.endpoint,
        await pushMessage(device, note, identity),
        this.#closing.signal,
      );
      if (status >= 200 && status < 300) return null;
      if (status === 404 || status === 410) return await this.#forget(store, device);
      const isBusy = status === 429 || status >= 500;
      log.info({ device: id, status }, isBusy ? 'a push service is busy' : 'a push service refused a call');
      if (!isBusy || (retryAfterSeconds ?? 0) * 1000 > MAX_RETRY_AFTER_MS) return null;
      return (retryAfterSeconds ?? 0) * 1000;
    } catch (error) {
      log.info({ err: error, device: id }, 'a device could not be called');
      return 0;
    }
  }

  async #forget(store: Pick<PushStore, 'forget'>, device: Device): Promise<null> {
    await store.forget(device);
    this.parts.log.info({ device: device.id }, 'a device is called no more: its push service has forgotten it');
    return null;
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const { signal } = this.#closing;
      const end = () => {
        cancel();
        signal.removeEventListener('abort', end);
        resolve();
      };
      const cancel = this.parts.clock.after(ms, end);
      signal.addEventListener('abort', end);
    });
  }
}
