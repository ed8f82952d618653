/** Health, liveness and readiness: public, and no more said than they must. Served with and without `/api`. */
import { Router } from 'express';
import type { Health } from '../../protocol/health.ts';

export interface HealthSource {
  health(): Promise<Health>;
  isReady(): Promise<boolean>;
}

export function healthRoutes(source: HealthSource): Router {
  const router = Router();
  router.get(['/api/health', '/health'], async (_request, response) => {
    response.json(await source.health());
  });
  router.get(['/api/live', '/live'], (_request, response) => {
    response.json({ status: 'ok' });
  });
  router.get(['/api/ready', '/ready'], async (_request, response) => {
    const isReady = await source.isReady();
    response.status(isReady ? 200 : 503).json({ status: isReady ? 'ready' : 'not_ready' });
  });
  return router;
}
