/** A small S3 for tests: buckets in memory, every signature worked out anew and compared (Signature Version 4). */
import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeS3 {
  url: string;
  /** Key by key, `bucket/key`. */
  objects: Map<string, Buffer>;
  /** Keys on one page of a listing. */
  pageSize: number;
  /** Answers of this status, before any other. */
  failures: number[];
  close(): void;
}

export async function startFakeS3(keys: { accessKeyId: string; secretAccessKey: string }, bucket: string) {
  const s3: FakeS3 = { url: '', objects: new Map(), pageSize: 2, failures: [], close: () => void server.close() };
  const server = createServer((request, response) => void answer(request, response));
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const url = new URL(request.url!, s3.url);
    const refuse = (status: number, code: string) =>
      response.writeHead(status).end(`<Error><Code>${code}</Code></Error>`);
    const failure = s3.failures.shift();
    if (failure) return refuse(failure, 'InternalError');
    const wrong = wrongSignature(request, url, body, keys);
    if (wrong) return refuse(403, wrong);
    const name = decodeURIComponent(url.pathname.slice(1));
    if (name.split('/')[0] !== bucket) return refuse(404, 'NoSuchBucket');
    if (request.method === 'PUT') s3.objects.set(name, body);
    if (request.method === 'DELETE') s3.objects.delete(name);
    if (request.method !== 'GET') return response.writeHead(request.method === 'DELETE' ? 204 : 200).end();
    if (url.searchParams.has('list-type')) return response.end(listing(s3, bucket, url.searchParams));
    const found = s3.objects.get(name);
    return found ? response.end(found) : refuse(404, 'NoSuchKey');
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  s3.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return s3;
}

function listing({ objects, pageSize }: FakeS3, bucket: string, query: URLSearchParams): string {
  const all = [...objects.keys()].map((name) => name.slice(bucket.length + 1)).sort();
  const from = Number(query.get('continuation-token') ?? 0);
  const matching = all.filter((key) => key.startsWith(query.get('prefix') ?? ''));
  const page = matching.slice(from, from + pageSize);
  const next = from + pageSize < matching.length;
  const contents = page.map((key) => `<Contents><Key>${key.replaceAll('&', '&amp;')}</Key></Contents>`).join('');
  const token = next ? `<NextContinuationToken>${from + pageSize}</NextContinuationToken>` : '';
  return `<ListBucketResult><IsTruncated>${next}</IsTruncated>${contents}${token}</ListBucketResult>`;
}

/** The code of the error, or undefined when the request is signed as AWS describes it for its `Authorization` header. */
function wrongSignature(
  request: IncomingMessage,
  url: URL,
  body: Buffer,
  keys: { accessKeyId: string; secretAccessKey: string },
): string | undefined {
  const form =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=(\w+)$/;
  const [, id, day, region, signed, signature] = form.exec(request.headers.authorization ?? '') ?? [];
  if (id !== keys.accessKeyId) return 'InvalidAccessKeyId';
  const payload = request.headers['x-amz-content-sha256'] as string;
  if (payload !== 'UNSIGNED-PAYLOAD' && payload !== createHash('sha256').update(body).digest('hex'))
    return 'XAmzContentSHA256Mismatch';
  if (request.method === 'PUT' && payload === 'UNSIGNED-PAYLOAD') return 'UnsignedBody';
  const query = [...url.searchParams].map(([name, value]) => `${encode(name)}=${encode(value)}`).sort();
  const headers = signed!.split(';').map((name) => `${name}:${String(request.headers[name]).trim()}\n`);
  const canonical = [request.method, url.pathname, query.join('&'), headers.join(''), signed, payload].join('\n');
  const at = request.headers['x-amz-date'] as string;
  const text = ['AWS4-HMAC-SHA256', at, `${day}/${region}/s3/aws4_request`, sha256(canonical)].join('\n');
  const key = [day!, region!, 's3', 'aws4_request'].reduce<Buffer | string>(hmac, `AWS4${keys.secretAccessKey}`);
  return hmac(key, text).toString('hex') === signature ? undefined : 'SignatureDoesNotMatch';
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const hmac = (key: Buffer | string, text: string) => createHmac('sha256', key).update(text).digest();
const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
