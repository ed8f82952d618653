/** Puts together how the frontend calls people's devices. */
import type { Knex } from 'knex';
import { CALL_CHANNEL } from './attention/attentionStore.ts';
import type { Clock } from './base/clock.ts';
import type { Log } from './base/log.ts';
import type { FrontendConfig } from './config.ts';
import type { Database } from './database.ts';
import { CallTaker } from './push/callTaker.ts';
import { postOut, type PostOut } from './push/postOut.ts';
import { requirePublicEndpoint } from './push/publicHost.ts';
import { Pusher } from './push/pusher.ts';
import { publicKeyOf } from './push/pushMessage.ts';
import { pushRoutes } from './push/pushRoutes.ts';
import { PushStore } from './push/pushStore.ts';

/** Where calls go. Tests put a push service of their own into this place; no setting does. */
export interface PushWorld {
  requireEndpoint: (endpoint: string) => void;
  post: PostOut;
}

const internet: PushWorld = { requireEndpoint: requirePublicEndpoint, post: postOut };

export interface PushParts {
  config: Pick<FrontendConfig, 'PUSH_KEY' | 'PUBLIC_URL' | 'ADMIN_EMAILS'>;
  knex: Knex;
  listen: Database['listen'];
  clock: Clock;
  log: Log;
  world?: PushWorld | undefined;
}

export function composePush({ config, knex, listen, clock, log, world = internet }: PushParts) {
  const { PUSH_KEY: key } = config;
  const store = new PushStore(knex);
  const publicKey = key ? publicKeyOf(key) : null;
  const router = pushRoutes({ store, publicKey, requireEndpoint: world.requireEndpoint });
  const identity = key && { key, contact: contactOf(config) };
  const pusher = identity && new Pusher({ store, identity, post: world.post, clock, log });
  // Without a key they are taken all the same: nobody else would.
  const taker = new CallTaker(store, ({ email, note }) => void pusher?.call(email, note), clock, log);
  const listener = listen(CALL_CHANNEL, () => void taker.look());
  return {
    router,
    async close() {
      taker.close();
      pusher?.close();
      await listener.close();
    },
  };
}

/** A push service that has trouble with us finds somebody there. */
function contactOf({ PUBLIC_URL, ADMIN_EMAILS }: PushParts['config']): string {
  return PUBLIC_URL?.startsWith('https:') ? PUBLIC_URL : `mailto:${ADMIN_EMAILS[0] ?? 'holdfast@localhost'}`;
}
