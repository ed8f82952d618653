/** Recordings over HTTP: streamed, because they are as long as a log. */
import { Router } from 'express';
import { pipeline } from 'node:stream/promises';
import { CAST_TYPE, RECORDING_PATH, RecordingInput } from '../../protocol/recordings.ts';
import type { Log } from '../base/log.ts';
import { callerOf } from '../http/caller.ts';
import { parse } from '../http/serve.ts';
import type { Recordings } from './recordings.ts';

export function recordingRoutes(recordings: Pick<Recordings, 'of'>, log: Log): Router {
  const router = Router();
  router.get(RECORDING_PATH, async (request, response) => {
    const { sessionId } = parse(RecordingInput, request.params);
    const { name, lines, release } = await recordings.of(callerOf(request), sessionId);
    if (response.destroyed) return release(); // gone before it began
    response.once('close', release);
    response.setHeader('Content-Type', CAST_TYPE);
    response.setHeader('Content-Disposition', `attachment; filename*=UTF-8''${encodeURIComponent(`${name}.cast`)}`);
    response.setHeader('Cache-Control', 'no-store');
    try {
      await pipeline(lines, response);
    } catch (error) {
      // The answer breaks off, which its reader sees. One that went away is no failure of ours.
      if ((error as NodeJS.ErrnoException).code === 'ERR_STREAM_PREMATURE_CLOSE') return;
      log.error({ err: error, session: sessionId }, 'a recording could not be read to its end');
    }
  });
  return router;
}
