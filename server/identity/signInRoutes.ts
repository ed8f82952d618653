/** Signing in by a one-time link, and out. */
import { Router } from 'express';
import { AppError } from '../../protocol/errors.ts';
import { cookieHeader, cookieNameFor } from './cookies.ts';
import { SESSION_LIFETIME_MS, type TokenIdentity } from './tokenIdentity.ts';

export interface SignInOptions {
  PORT: number;
  PUBLIC_URL?: string | undefined;
}

export function signInRoutes(tokens: TokenIdentity, { PORT, PUBLIC_URL }: SignInOptions): Router {
  const router = Router();
  const name = cookieNameFor(PORT);
  const isSecure = PUBLIC_URL?.startsWith('https:') ?? false;

  router.get('/sign-in', async (request, response) => {
    const { token } = request.query;
    // The token must not travel on in a Referer, nor the answer stay in a cache.
    response.setHeader('Referrer-Policy', 'no-referrer');
    response.setHeader('Cache-Control', 'no-store');
    try {
      const session = await tokens.signIn(typeof token === 'string' ? token : '');
      response.setHeader('Set-Cookie', cookieHeader(name, session, SESSION_LIFETIME_MS / 1000, isSecure));
      response.redirect(303, '/');
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      response.redirect(303, '/?signIn=expired');
    }
  });
  router.post('/api/sign-out', async (request, response) => {
    await tokens.signOut(request);
    response.setHeader('Set-Cookie', cookieHeader(name, '', 0, isSecure));
    response.json({});
  });
  return router;
}
