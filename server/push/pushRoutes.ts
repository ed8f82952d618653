/** The devices of a person over HTTP: for who signed in, in the browser that is to be called. */
import express, { Router } from 'express';
import { AppError } from '../../protocol/errors.ts';
import { MAX_BODY_BYTES } from '../../protocol/limits.ts';
import { getPushKey, subscribeToPush, unsubscribeFromPush } from '../../protocol/push.ts';
import { callerOf } from '../http/caller.ts';
import { serve } from '../http/serve.ts';
import type { PushStore } from './pushStore.ts';

export interface PushRoutesOptions {
  store: Pick<PushStore, 'put' | 'remove'>;
  /** Null: nothing is set up here. */
  publicKey: string | null;
  /** Throws for an endpoint that is not to be called. */
  requireEndpoint: (endpoint: string) => void;
}

export function pushRoutes({ store, publicKey, requireEndpoint }: PushRoutesOptions): Router {
  const router = Router();
  router.use('/api/push', (request, response, next) => {
    // A token that leaked must not turn what sessions tell to somebody else's device.
    if (callerOf(request).isByToken) throw new AppError('auth.forbidden', 'a token has no device to be called');
    response.setHeader('Cache-Control', 'no-store');
    next();
  });
  router.use('/api/push', express.json({ limit: MAX_BODY_BYTES }));

  serve(router, getPushKey, () => Promise.resolve({ key: publicKey }));
  serve(router, subscribeToPush, async (input, { email }) => {
    if (publicKey === null) throw new AppError('push.unavailable', 'this instance calls no devices');
    requireEndpoint(input.endpoint);
    return { id: await store.put(email, input) };
  });
  serve(router, unsubscribeFromPush, async ({ subscriptionId }, { email }) => {
    await store.remove(email, subscriptionId);
    return {};
  });
  return router;
}
