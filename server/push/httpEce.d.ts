/** The part of http_ece that is used here; it comes without types. */
declare module 'http_ece' {
  import type { ECDH } from 'node:crypto';
  export interface Params {
    version: 'aes128gcm';
    privateKey: ECDH;
    /** The other side's public key, in base64url. Not given when decrypting: it stands in the message. */
    dh?: string;
    /** In base64url. */
    authSecret: string;
  }
  const ece: {
    encrypt(data: Buffer, params: Params): Buffer;
    decrypt(data: Buffer, params: Params): Buffer;
  };
  export default ece;
}
