/** The files of a session's workspace over HTTP: lists, uploads and downloads. Bodies are streams; no file is ever held whole. */
import type { FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Router, type Request, type Response } from 'express';
import { AppError } from '../../protocol/errors.ts';
import { downloadFile, listFiles, MAX_UPLOADS_AT_ONCE, uploadFile, type Uploaded } from '../../protocol/files.ts';
import { callerOf, type Caller } from '../http/caller.ts';
import { parse, serve } from '../http/serve.ts';
import { listDirectory } from './listing.ts';
import { openFile, type Place } from './places.ts';
import { Slots } from './slots.ts';
import { receive } from './uploads.ts';

export interface FileRoutesOptions {
  placeOf: (caller: Caller, sessionId: string) => Promise<Place>;
  /** For tests. */
  maxUploadBytes?: number;
}

const BYTES = 'application/octet-stream';

export function fileRoutes({ placeOf, maxUploadBytes }: FileRoutesOptions): Router {
  const router = Router();
  const uploads = new Slots(MAX_UPLOADS_AT_ONCE, 'uploads');

  serve(router, listFiles, async ({ sessionId, path }, caller) =>
    listDirectory(await placeOf(caller, sessionId), path),
  );

  router.post(uploadFile.path, async (request, response) => {
    const caller = callerOf(request);
    const { sessionId, ...wanted } = parse(uploadFile.input, { ...request.query, ...request.params });
    // Other types are of forms and of our JSON, and were perhaps read already.
    if (!request.is(BYTES)) throw new AppError('input.invalid', `the body must be a file, sent as ${BYTES}`);
    const upload = { name: wanted.name, directory: wanted.directory, length: lengthOf(request) };
    const place = await placeOf(caller, sessionId);
    const uploaded = await uploads.take(caller.email, () => receive(place, upload, request, maxUploadBytes));
    response.json(uploaded satisfies Uploaded);
  });

  router.get(downloadFile.path, async (request, response) => {
    const caller = callerOf(request);
    const { sessionId, path } = parse(downloadFile.input, { ...request.query, ...request.params });
    const { handle, sizeBytes } = await openFile(await placeOf(caller, sessionId), path);
    try {
      headersFor(response, basename(path), sizeBytes);
      if (request.method === 'HEAD' || sizeBytes === 0) response.end();
      else await send(handle, sizeBytes, response);
    } finally {
      await handle.close();
    }
  });
  return router;
}

/** A file of a person's is nothing of ours: the browser keeps it, and never shows it under our name. */
function headersFor(response: Response, name: string, sizeBytes: number): void {
  response.attachment(name);
  response.setHeader('Content-Type', BYTES);
  response.setHeader('Content-Length', sizeBytes);
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Content-Security-Policy', "default-src 'none'; sandbox");
  response.setHeader('Cache-Control', 'no-store');
}

/** As many bytes as were told: what is written to it meanwhile is not sent, and where it gets shorter the answer breaks off. */
async function send(handle: FileHandle, sizeBytes: number, response: Response): Promise<void> {
  const bytes = handle.createReadStream({ start: 0, end: sizeBytes - 1, autoClose: false });
  try {
    await pipeline(bytes, response, { end: false });
  } catch {
    return void response.destroy(); // who asked has gone, or the disk failed amid it
  }
  if (bytes.bytesRead === sizeBytes) response.end();
  else response.destroy();
}

function lengthOf(request: Request): number | undefined {
  const given = request.headers['content-length'];
  return given === undefined ? undefined : Number(given);
}
