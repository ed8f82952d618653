/** One call as a push service takes it: encrypted for the device alone (RFC 8291), and signed as ours (RFC 8292). */
import { createECDH } from 'node:crypto';
import ece from 'http_ece';
import { importJWK, SignJWT, type JWK } from 'jose';
import type { PushNote, SignalKind } from '../../protocol/attention.ts';
import type { Device } from './pushStore.ts';

/** A device that is away for longer has missed it. */
const TTL_SECONDS = 12 * 60 * 60;
/** Of at most 24 hours. */
const TOKEN_LIFETIME = '12h';

export interface PushMessage {
  headers: Record<string, string>;
  body: Buffer;
}

export interface PushIdentity {
  /** EC P-256. */
  key: JWK;
  /** Where a push service finds who is responsible: a URL. */
  contact: string;
}

const URGENCY: Record<SignalKind, 'normal' | 'high'> = {
  bell: 'normal',
  done: 'normal',
  notice: 'normal',
  failed: 'high',
  needsInput: 'high',
};

/** As browsers want it: the uncompressed point, in base64url. */
export function publicKeyOf({ x, y }: JWK): string {
  const part = (text: string) => Buffer.from(text, 'base64url');
  return Buffer.concat([Buffer.of(4), part(x!), part(y!)]).toString('base64url');
}

/** @throws when the device's keys are none */
export async function pushMessage(
  { endpoint, keys }: Device,
  note: PushNote,
  { key, contact }: PushIdentity,
): Promise<PushMessage> {
  const ephemeral = createECDH('prime256v1');
  ephemeral.generateKeys();
  const body = ece.encrypt(Buffer.from(JSON.stringify(note)), {
    version: 'aes128gcm',
    privateKey: ephemeral,
    dh: keys.p256dh,
    authSecret: keys.auth,
  });
  const token = await new SignJWT()
    .setProtectedHeader({ alg: 'ES256', typ: 'JWT' })
    .setAudience(new URL(endpoint).origin)
    .setSubject(contact)
    .setExpirationTime(TOKEN_LIFETIME)
    .sign(await importJWK(key, 'ES256'));
  const headers = {
    Authorization: `vapid t=${token}, k=${publicKeyOf(key)}`,
    'Content-Type': 'application/octet-stream',
    'Content-Encoding': 'aes128gcm',
    'Content-Length': String(body.length),
    TTL: String(TTL_SECONDS),
    Urgency: URGENCY[note.signal.kind],
    // What a session told before, and what no device has taken yet, is replaced.
    Topic: note.signal.sessionId.replaceAll('-', ''),
  };
  return { headers, body };
}
