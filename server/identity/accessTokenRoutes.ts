/** Command-line tokens over HTTP: for a person who signed in, not for a token. */
import express, { Router } from 'express';
import { AppError } from '../../protocol/errors.ts';
import { MAX_BODY_BYTES } from '../../protocol/limits.ts';
import { createToken, listTokens, revokeToken } from '../../protocol/tokens.ts';
import { callerOf } from '../http/caller.ts';
import { serve } from '../http/serve.ts';
import type { AccessTokenStore } from './accessTokenStore.ts';

export interface AccessTokenRoutesOptions {
  store: AccessTokenStore;
  onRevoked: (tokenId: string) => void;
}

export function accessTokenRoutes({ store, onRevoked }: AccessTokenRoutesOptions): Router {
  const router = Router();
  router.use('/api/tokens', (request, response, next) => {
    // One that leaked must not be able to make others that outlive it, nor to lock its person out.
    if (callerOf(request).isByToken)
      throw new AppError('auth.forbidden', 'a token cannot see, make or revoke tokens; use the settings of the app');
    response.setHeader('Cache-Control', 'no-store');
    next();
  });
  router.use('/api/tokens', express.json({ limit: MAX_BODY_BYTES }));

  serve(router, listTokens, async (_input, { email }) => ({ tokens: await store.list(email) }));
  serve(router, createToken, (input, { email, name }) => store.create({ email, name }, input));
  serve(router, revokeToken, async ({ tokenId }, { email }) => {
    await store.revoke(email, tokenId);
    onRevoked(tokenId);
    return {};
  });
  return router;
}
