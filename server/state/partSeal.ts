/** What a part of a checkpoint looks like in the store: readable for nobody without the key, and good in its own place only. */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/** Version 1: 1 byte version · 12 bytes nonce · 16 bytes tag · AES-256-GCM. */
const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + NONCE_BYTES + TAG_BYTES;

/** Which part it is: a seal opens only for the session, incarnation and name that it was made for. */
export interface SealedPart {
  sessionId: string;
  incarnation: number;
  name: string;
}

/** A key for checkpoints alone. @param secret 32 bytes, the same for all backends */
export function checkpointKey(secret: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', 'holdfast state store v1', 32));
}

export function sealPart(key: Buffer, bytes: Uint8Array, part: SealedPart): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(bound(part));
  const body = [cipher.update(bytes), cipher.final()];
  return Buffer.concat([Buffer.of(VERSION), nonce, cipher.getAuthTag(), ...body]);
}

/** Undefined when it was sealed with another key, for another place, or was changed since. */
export function unsealPart(key: Buffer, sealed: Buffer, part: SealedPart): Buffer | undefined {
  if (sealed.length < HEAD_BYTES || sealed[0] !== VERSION) return undefined;
  const nonce = sealed.subarray(1, 1 + NONCE_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES }).setAAD(bound(part));
  decipher.setAuthTag(sealed.subarray(1 + NONCE_BYTES, HEAD_BYTES));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(HEAD_BYTES)), decipher.final()]);
  } catch {
    return undefined;
  }
}

function bound({ sessionId, incarnation, name }: SealedPart): Buffer {
  return Buffer.from(`holdfast state ${sessionId} ${incarnation} ${name}`);
}
