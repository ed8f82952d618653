/** Sessions over HTTP. */
import { Router } from 'express';
import {
  closeSession,
  getSession,
  getStoredScreen,
  listSessions,
  openSession,
  putAwaySession,
  renameSession,
  reviveSession,
} from '../../protocol/sessions.ts';
import { serve } from '../http/serve.ts';
import type { SessionService } from './sessionService.ts';

export function sessionRoutes(sessions: SessionService): Router {
  const router = Router();
  serve(router, listSessions, async (_input, caller) => ({ sessions: await sessions.list(caller) }));
  serve(router, openSession, (input, caller) => sessions.open(caller, input));
  serve(router, getSession, ({ sessionId }, caller) => sessions.get(caller, sessionId));
  serve(router, renameSession, ({ sessionId, name }, caller) => sessions.rename(caller, sessionId, name));
  serve(router, closeSession, async ({ sessionId }, caller) => {
    await sessions.close(caller, sessionId);
    return {};
  });
  serve(router, getStoredScreen, ({ sessionId }, caller) => sessions.storedScreen(caller, sessionId));
  serve(router, putAwaySession, (input, caller) => sessions.putAway(caller, input));
  serve(router, reviveSession, (input, caller) => sessions.revive(caller, input));
  return router;
}
