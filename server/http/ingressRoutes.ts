/** What belongs to an ingress in front of us: where it leaks through, people are led to the app, never served it there. */
import { Router } from 'express';

/** `/sign-in` is asked of the network by every app that is installed: on its way here the ingress lets people sign in. */
const PATHS = ['/sign-in', '/oidc', '/oidc/*rest', '/.auth', '/.auth/*rest'];

export function ingressRoutes(): Router {
  const router = Router();
  router.get(PATHS, (_request, response) => {
    response.setHeader('Cache-Control', 'no-store');
    response.redirect('/');
  });
  return router;
}
