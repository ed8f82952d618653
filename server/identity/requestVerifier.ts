/** Whom a backend takes a request for: the signed assertion alone says it; what a platform's proxy says can only speak against it. */
import type { IncomingMessage } from 'node:http';
import { AppError } from '../../protocol/errors.ts';
import { ASSERTION_HEADER, type VerifyAssertion, type VerifyRequest } from '../http/caller.ts';

/**
 * @param frontendPrincipalId the service principal as which the frontend comes through an ingress; whoever reaches our port
 *   from inside can write that header, so that it is right proves nothing, and that it is missing neither
 */
export function requestVerifier(verify: VerifyAssertion, frontendPrincipalId: string | undefined): VerifyRequest {
  return async (request) => {
    const caller = await verify(one(request, ASSERTION_HEADER));
    const principal = one(request, 'x-forwarded-user')?.split('@', 1)[0]; // `<id>@<workspace>`
    if (frontendPrincipalId !== undefined && principal !== undefined && principal !== frontendPrincipalId)
      throw new AppError('AUTH_INVALID', 'the request came through the ingress as somebody else than the frontend');
    return caller;
  };
}

function one(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}
