/** What a stored screen looks like in the database: compressed, and readable for nobody without the key. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { deflate, inflate } from 'node:zlib';

/** Version 1: 1 byte version · 12 bytes nonce · 16 bytes tag · AES-256-GCM of zlib of UTF-8. */
const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + NONCE_BYTES + TAG_BYTES;
/** Nothing that we store is as large; what claims to be is not ours. */
const MAX_TEXT_BYTES = 8 * 1024 * 1024;

const compress = promisify(deflate);
const decompress = promisify<Buffer, { maxOutputLength: number }, Buffer>(inflate);

/** Which screen it is: a seal opens only for the session, incarnation and column that it was made for. */
export interface SealedFor {
  sessionId: string;
  incarnation: number;
  part: 'screen' | 'recent' | 'transcript';
}

/** @param key 32 bytes */
export async function seal(key: Buffer, text: string, target: SealedFor): Promise<Buffer> {
  const packed = await compress(Buffer.from(text));
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(bound(target));
  const body = Buffer.concat([cipher.update(packed), cipher.final()]);
  return Buffer.concat([Buffer.of(VERSION), nonce, cipher.getAuthTag(), body]);
}

/** Undefined when it was sealed with another key, for another screen, or was changed since. */
export async function unseal(key: Buffer, sealed: Buffer, target: SealedFor): Promise<string | undefined> {
  if (sealed.length < HEAD_BYTES || sealed[0] !== VERSION) return undefined;
  const nonce = sealed.subarray(1, 1 + NONCE_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES }).setAAD(bound(target));
  decipher.setAuthTag(sealed.subarray(1 + NONCE_BYTES, HEAD_BYTES));
  try {
    const packed = Buffer.concat([decipher.update(sealed.subarray(HEAD_BYTES)), decipher.final()]);
    return (await decompress(packed, { maxOutputLength: MAX_TEXT_BYTES })).toString();
  } catch {
    return undefined;
  }
}

function bound({ sessionId, incarnation, part }: SealedFor): Buffer {
  return Buffer.from(`holdfast screen ${sessionId} ${incarnation} ${part}`);
}
