/** What was changed in a session's workspace, over HTTP. */
import { Router } from 'express';
import { getDiff, listChanges } from '../../protocol/files.ts';
import type { Caller } from '../http/caller.ts';
import { serve } from '../http/serve.ts';
import type { ChangeReader } from './changes.ts';
import type { Place } from './places.ts';
import { Slots } from './slots.ts';

/** Each is a git that reads a whole repository. */
const LOOKS_AT_ONCE = 4;

export function changeRoutes(
  changes: ChangeReader,
  placeOf: (caller: Caller, sessionId: string) => Promise<Place>,
): Router {
  const router = Router();
  const looks = new Slots(LOOKS_AT_ONCE, 'looks at repositories');

  serve(router, listChanges, async ({ sessionId }, caller, gone) => {
    const place = await placeOf(caller, sessionId);
    return looks.take(caller.email, () => changes.list(place, gone));
  });
  serve(router, getDiff, async ({ sessionId, ...wanted }, caller, gone) => {
    const place = await placeOf(caller, sessionId);
    return looks.take(caller.email, () => changes.diff(place, wanted, gone));
  });
  return router;
}
