/** Posts to an address that somebody else named: https to public hosts, without following where it sends us, and in bounded time. */
import { request as httpsRequest } from 'node:https';
import { lookupPublic, requirePublicEndpoint } from './publicHost.ts';
import type { PushMessage } from './pushMessage.ts';

export interface PostAnswer {
  status: number;
  /** When the push service wants to be asked again; null when it does not say. */
  retryAfterSeconds: number | null;
}

/** Rejects when nobody answers. */
export type PostOut = (endpoint: string, message: PushMessage, signal: AbortSignal) => Promise<PostAnswer>;

const TIMEOUT_MS = 10_000;

export const postOut: PostOut = async (endpoint, { headers, body }, signal) => {
  requirePublicEndpoint(endpoint); // also one that was stored by an earlier release
  return new Promise((resolve, reject) => {
    const options = {
      method: 'POST',
      headers,
      lookup: lookupPublic,
      timeout: TIMEOUT_MS,
      signal,
      agent: false as const,
    };
    const request = httpsRequest(endpoint, options, (response) => {
      const after = Number(response.headers['retry-after']);
      response.resume(); // what it says beside is of no use
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, retryAfterSeconds: Number.isFinite(after) ? after : null }),
      );
    });
    request.on('timeout', () => request.destroy(new Error('the push service did not answer in time')));
    request.on('error', reject);
    request.end(body);
  });
};
