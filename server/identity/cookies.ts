/** The one cookie we have. */
import type { IncomingMessage } from 'node:http';

/** Browsers share cookies over all ports of a host, so two instances on one machine need two names. */
export function cookieNameFor(port: number): string {
  return `holdfast_${port}`;
}

export function readCookie(request: IncomingMessage, name: string): string | undefined {
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const [key, value] = part.trim().split('=', 2);
    if (key === name && value) return value;
  }
  return undefined;
}

/** @param maxAgeSeconds 0 removes the cookie */
export function cookieHeader(name: string, value: string, maxAgeSeconds: number, isSecure: boolean): string {
  return `${name}=${value}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`;
}
