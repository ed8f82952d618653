/** Serves the built app. Hashed assets are kept for ever; what names them is asked for each time. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import express, { Router } from 'express';
import { AppError } from '../../protocol/errors.ts';

export function staticApp(directory: string): Router {
  const index = join(directory, 'index.html');
  if (!existsSync(index)) throw new AppError('config.invalid', `the app is not built: ${index} is missing`);
  const router = Router();
  router.use(
    '/assets',
    express.static(join(directory, 'assets'), { immutable: true, maxAge: '1y', index: false, fallthrough: false }),
  );
  router.use(
    express.static(directory, {
      index: false,
      setHeaders: (response) => void response.setHeader('Cache-Control', 'no-cache'),
    }),
  );
  // Every other page is the app, which shows the place by its own router; but a missing file stays missing.
  router.get('/*path', page);
  router.get('/', page);
  return router;

  function page(request: express.Request, response: express.Response, next: express.NextFunction): void {
    const isPage = !request.path.startsWith('/api') && !/\.\w+$/.test(request.path);
    if (!isPage) return next();
    response.setHeader('Cache-Control', 'no-cache');
    response.sendFile(index);
  }
}
