/** The state store in a bucket of anything that speaks S3. Requests are signed by aws4fetch (Signature Version 4). */
import { createHash } from 'node:crypto';
import { AwsClient } from 'aws4fetch';
import type { S3Place } from '../base/stateSetting.ts';
import { checkKey, unavailable, type StateStore } from './stateStore.ts';

export interface S3Keys {
  accessKeyId: string;
  secretAccessKey: string;
}

const TIMEOUT_MS = 30_000;
/** Of one request; doing any of ours twice is doing it once. */
const RETRIES = 2;

export function s3Store(place: S3Place, keys: S3Keys): StateStore {
  const name = `s3 ${place.bucket}/${place.prefix}`;
  const client = new AwsClient({ ...keys, service: 's3', region: place.region, retries: RETRIES, initRetryMs: 200 });
  const base = addressOf(place);
  const inBucket = (key: string) => [place.prefix, checkKey(key)].filter(Boolean).join('/');

  /** Undefined for what does not exist. */
  const call = async (method: string, url: string, bytes?: Uint8Array): Promise<Response | undefined> => {
    const response = await client
      .fetch(url, {
        method,
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...(bytes ? { body: Buffer.from(bytes), headers: { 'X-Amz-Content-Sha256': sha256(bytes) } } : {}),
      })
      .catch((error: unknown) => {
        throw unavailable(name, 'cannot be reached', error);
      });
    if (response.ok) return response;
    const code = /<Code>(\w+)<\/Code>/.exec(await response.text().catch(() => ''))?.[1] ?? '';
    if (response.status === 404 && code !== 'NoSuchBucket') return undefined;
    throw unavailable(name, `answers ${response.status} ${code}`.trimEnd());
  };

  const list = async (folder: string): Promise<string[]> => {
    const found: string[] = [];
    for (let token: string | undefined = ''; token !== undefined;) {
      const query = new URLSearchParams({ 'list-type': '2', prefix: `${inBucket(folder)}/` });
      if (token) query.set('continuation-token', token);
      const page: string = (await (await call('GET', `${base}/?${query}`))?.text()) ?? '';
      const skip = place.prefix ? place.prefix.length + 1 : 0;
      found.push(...[...page.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key]) => unescaped(key!).slice(skip)));
      token = textOf(page, 'NextContinuationToken');
    }
    return found;
  };

  return {
    name,
    async put(key, bytes) {
      if (!(await call('PUT', `${base}/${inBucket(key)}`, bytes))) throw unavailable(name, 'answers 404');
    },
    async get(key) {
      const response = await call('GET', `${base}/${inBucket(key)}`);
      return response && Buffer.from(await response.arrayBuffer());
    },
    async delete(key) {
      await call('DELETE', `${base}/${inBucket(key)}`);
    },
    list,
    async clear(folder) {
      for (const key of await list(folder)) await call('DELETE', `${base}/${inBucket(key)}`);
    },
  };
}

/** By path for servers of one's own, which have no name for each bucket, and where the bucket's name would not fit a certificate. */
function addressOf({ bucket, region, endpoint }: S3Place): string {
  if (endpoint) return `${endpoint.replace(/\/+$/, '')}/${bucket}`;
  return bucket.includes('.')
    ? `https://s3.${region}.amazonaws.com/${bucket}`
    : `https://${bucket}.s3.${region}.amazonaws.com`;
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

function textOf(xml: string, tag: string): string | undefined {
  const text = new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(xml)?.[1];
  return text && unescaped(text);
}

function unescaped(text: string): string {
  const characters: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  return text.replace(/&(\w+);/g, (whole, entity: string) => characters[entity] ?? whole);
}
