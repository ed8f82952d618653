/** Serves the built app. Hashed assets are kept for ever; what names them is asked for each time. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Router, type NextFunction, type Request, type Response } from 'express';
import compressedStatic from 'express-static-gzip';
import { AppError } from '../../protocol/errors.ts';

/** The build has put compressed twins beside the files. */
const COMPRESSED = { enableBrotli: true, orderPreference: ['br'], index: false };

export function staticApp(directory: string): Router {
  const index = join(directory, 'index.html');
  if (!existsSync(index)) throw new AppError('config.invalid', `the app is not built: ${index} is missing`);
  const router = Router();
  router.use(
    '/assets',
    compressedStatic(join(directory, 'assets'), {
      ...COMPRESSED,
      serveStatic: { immutable: true, maxAge: '1y', fallthrough: false },
    }),
  );
  router.use(
    compressedStatic(directory, {
      ...COMPRESSED,
      serveStatic: { setHeaders: (response) => void response.setHeader('Cache-Control', 'no-cache') },
    }),
  );
  // Every other page is the app, which shows the place by its own router; but a missing file stays missing.
  router.get('/*path', page);
  router.get('/', page);
  return router;

  function page(request: Request, response: Response, next: NextFunction): void {
    const isPage = !request.path.startsWith('/api') && !/\.\w+$/.test(request.path);
    if (!isPage) return next();
    response.setHeader('Cache-Control', 'no-cache');
    response.sendFile(index);
  }
}
