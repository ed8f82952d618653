/** Preferences over HTTP: each person's own, from any backend. */
import { Router } from 'express';
import { AppError } from '../../protocol/errors.ts';
import { listPreferences, MAX_PREFERENCE_BYTES, putPreference } from '../../protocol/preferences.ts';
import { serve } from '../http/serve.ts';
import type { PreferenceStore } from './preferenceStore.ts';

/** @param onChanged a document of this person is another one now */
export function preferenceRoutes(
  preferences: Pick<PreferenceStore, 'list' | 'put'>,
  onChanged: (email: string) => void,
): Router {
  const router = Router();
  serve(router, listPreferences, async (_input, { email }) => ({ email, documents: await preferences.list(email) }));
  serve(router, putPreference, async ({ name, revision, value }, { email }) => {
    if (Buffer.byteLength(JSON.stringify(value)) > MAX_PREFERENCE_BYTES)
      throw new AppError('input.too_large', `“${name}” is above ${MAX_PREFERENCE_BYTES / 1024} KiB`);
    const document = await preferences.put(email, name, revision, value);
    onChanged(email);
    return document;
  });
  return router;
}
