/** The files of one session's workspace, and what git says was changed in it. Asked of the shard that has the session, and of the one after it when that has changed. */
import type { z } from 'zod';
import { fillPath, type Endpoint } from '../protocol/endpoint.ts';
import { AppError } from '../protocol/errors.ts';
import {
  downloadFile,
  getDiff,
  listChanges,
  listFiles,
  uploadFile,
  type Changes,
  type FileDiff,
  type FileList,
  type Uploaded,
} from '../protocol/files.ts';
import { createCall, errorIn, send } from './api.ts';
import type { Headers } from './headers.ts';

export interface FilesWorld {
  /** The base of a shard's addresses, which stands for `/api`. */
  baseOf: (shardId: string) => string;
  headers: () => Promise<Headers>;
}

export interface UploadOptions {
  name: string;
  /** Absent: a folder of its own below the session's directory, which git ignores. */
  directory?: string;
  signal?: AbortSignal;
}

export class SessionFiles {
  constructor(
    private session: { id: string; shardId: string },
    private readonly world: FilesWorld,
  ) {}

  /** @param path absolute, or from the session's directory on */
  list(path = '.', signal?: AbortSignal): Promise<FileList> {
    return this.#call(listFiles, { sessionId: this.session.id, path }, signal);
  }

  /** Resolves when all of it is there. @throws AppError `file.too_large`, `file.too_many` and the like */
  async upload(body: Blob | Uint8Array<ArrayBuffer>, { signal, ...wanted }: UploadOptions): Promise<Uploaded> {
    const headers = { ...(await this.world.headers()), 'Content-Type': 'application/octet-stream' };
    const init = { method: 'POST', headers, body, redirect: 'manual' as const, ...(signal ? { signal } : {}) };
    const response = await send(this.uploadUrl(wanted), init);
    if (!response.ok) throw await errorIn(response);
    return uploadFile.output.parse(await response.json());
  }

  /** For a caller who sends the bytes by other means: POST, as `application/octet-stream`. */
  uploadUrl(wanted: { name: string; directory?: string }): string {
    return this.#url(uploadFile.path, { sessionId: this.session.id, ...wanted });
  }

  /** The answer's body is the file, as a stream. */
  async download(path: string, signal?: AbortSignal): Promise<Response> {
    const init = { headers: await this.world.headers(), redirect: 'manual' as const, ...(signal ? { signal } : {}) };
    const response = await send(this.downloadUrl(path), init);
    if (!response.ok) throw await errorIn(response);
    return response;
  }

  downloadUrl(path: string): string {
    return this.#url(downloadFile.path, { sessionId: this.session.id, path });
  }

  changes(signal?: AbortSignal): Promise<Changes> {
    return this.#call(listChanges, { sessionId: this.session.id }, signal);
  }

  /** @param from where a renamed file was */
  diff(path: string, from?: string | null, signal?: AbortSignal): Promise<FileDiff> {
    return this.#call(getDiff, { sessionId: this.session.id, path, ...(from ? { from } : {}) }, signal);
  }

  async #call<Input extends z.ZodType, Output extends z.ZodType>(
    endpoint: Endpoint<Input, Output>,
    input: z.input<Input>,
    signal?: AbortSignal,
  ): Promise<z.output<Output>> {
    const { baseOf, headers } = this.world;
    const ask = () => createCall(baseOf(this.session.shardId), headers, '/api')(endpoint, input, signal);
    try {
      return await ask();
    } catch (error) {
      const shardId = error instanceof AppError && error.code === 'session.wrong_shard' && error.details?.shardId;
      if (!shardId) throw error;
      this.session = { ...this.session, shardId };
      return ask();
    }
  }

  #url(pattern: string, input: Record<string, string>): string {
    const { path, rest } = fillPath(pattern, input);
    const query = new URLSearchParams(rest as Record<string, string>).toString();
    return `${this.world.baseOf(this.session.shardId)}${path.slice('/api'.length)}?${query}`;
  }
}
