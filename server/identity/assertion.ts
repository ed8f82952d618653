/**
 * The signed word of the frontend on who a request belongs to: an EdDSA JWT, for one instance, for seconds, for one use.
 * Backends believe nothing else, because whoever has a terminal on a shard can reach the shard's loopback port.
 */
import { randomUUID } from 'node:crypto';
import { errors, importJWK, jwtVerify, SignJWT, type JWK } from 'jose';
import { z } from 'zod';
import { AppError } from '../../protocol/errors.ts';
import { Role } from '../../protocol/identity.ts';
import { ASSERTION_LIFETIME_SECONDS } from '../../protocol/limits.ts';
import type { Clock } from '../base/clock.ts';
import type { Caller, VerifyAssertion } from '../http/caller.ts';

const ISSUER = 'holdfast-frontend';
const ALGORITHM = 'EdDSA';
/** The clocks of two machines may differ by this much. */
const CLOCK_TOLERANCE_SECONDS = 5;

const Claims = z.object({
  sub: z.string().min(3),
  name: z.string(),
  roles: z.array(Role),
  jti: z.string().min(16),
  exp: z.number(),
});

export type SignAssertion = (caller: Caller, audience: string) => Promise<string>;

export async function createSigner(privateKey: JWK): Promise<SignAssertion> {
  const key = await importJWK(privateKey, ALGORITHM);
  return ({ email, name, roles }, audience) =>
    new SignJWT({ name, roles })
      .setProtectedHeader({ alg: ALGORITHM })
      .setIssuer(ISSUER)
      .setAudience(audience)
      .setSubject(email)
      .setJti(randomUUID())
      .setIssuedAt()
      .setExpirationTime(`${ASSERTION_LIFETIME_SECONDS}s`)
      .sign(key);
}

/**
 * @param publicKeys one, or two while keys are rotated
 * @param audience this instance
 */
export async function createVerifier(publicKeys: JWK[], audience: string, clock: Clock): Promise<VerifyAssertion> {
  const keys = await Promise.all(publicKeys.map((key) => importJWK(key, ALGORITHM)));
  const used = new UsedIds(clock);
  return async (token) => {
    if (!token)
      throw new AppError('AUTH_MISSING', 'this instance answers only requests that come through the frontend');
    const claims = await verifyWithAny(token, keys, audience);
    if (!used.claim(claims.jti, (claims.exp + CLOCK_TOLERANCE_SECONDS) * 1000)) {
      throw new AppError('AUTH_INVALID', 'this assertion was used before');
    }
    return { email: claims.sub, name: claims.name, roles: claims.roles };
  };
}

type Key = Awaited<ReturnType<typeof importJWK>>;

async function verifyWithAny(token: string, keys: Key[], audience: string): Promise<z.infer<typeof Claims>> {
  let failure: unknown;
  for (const key of keys) {
    try {
      const { payload } = await jwtVerify(token, key, {
        issuer: ISSUER,
        audience,
        algorithms: [ALGORITHM],
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        maxTokenAge: ASSERTION_LIFETIME_SECONDS,
        requiredClaims: ['sub', 'jti', 'exp', 'iat'],
      });
      return Claims.parse(payload);
    } catch (error) {
      failure = error;
    }
  }
  if (failure instanceof errors.JWTExpired)
    throw new AppError('AUTH_EXPIRED', 'the assertion has expired', { cause: failure });
  throw new AppError('AUTH_INVALID', 'the assertion is not valid', { cause: failure });
}

/** Ids seen, for as long as their assertions could be used again. */
class UsedIds {
  #expiries = new Map<string, number>();
  #nextSweep = 0;

  constructor(private readonly clock: Clock) {}

  /** False when the id was claimed before. */
  claim(id: string, expiresAt: number): boolean {
    this.#sweep();
    if (this.#expiries.has(id)) return false;
    this.#expiries.set(id, expiresAt);
    return true;
  }

  #sweep(): void {
    const now = this.clock.now();
    if (now < this.#nextSweep) return;
    this.#nextSweep = now + 1_000;
    for (const [id, expiresAt] of this.#expiries) if (expiresAt < now) this.#expiries.delete(id);
  }
}
