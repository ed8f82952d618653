/** Refuses requests that another site sends in a person's name, and names that do not belong to us (DNS rebinding). */
import type { IncomingMessage } from 'node:http';
import { AppError } from '../../protocol/errors.ts';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

export interface GuardOptions {
  /** Host names (without port) under which we are reached besides loopback; `*` for any, where a proxy checks it. */
  allowedHosts: readonly string[];
}

/** @throws AppError `auth.host_refused`, `auth.origin_refused` */
export function guard(request: IncomingMessage, options: GuardOptions): void {
  const host = hostName(request.headers.host ?? '');
  const isKnown = LOOPBACK.has(host) || options.allowedHosts.includes(host) || options.allowedHosts.includes('*');
  if (!isKnown)
    throw new AppError(
      'auth.host_refused',
      'this instance is not known under that name; an admin can add it to ALLOWED_HOSTS',
    );
  const isUpgrade = request.headers.upgrade !== undefined;
  if (isUpgrade || !SAFE_METHODS.has(request.method ?? 'GET')) guardOrigin(request, options);
}

/** A browser always names the origin here; a program names none, and has no cookies of anyone. */
function guardOrigin(request: IncomingMessage, options: GuardOptions): void {
  const { origin } = request.headers;
  if (origin === undefined) return;
  let isOurs = false;
  try {
    const from = new URL(origin);
    // Behind a proxy that changes Host, the name that people use stands in the allow-list.
    isOurs = from.host === request.headers.host || options.allowedHosts.includes(from.hostname);
  } catch {
    // "null", or no URL at all
  }
  if (!isOurs) throw new AppError('auth.origin_refused', 'requests from another site are refused');
}

function hostName(host: string): string {
  return host.replace(/:\d+$/, '').toLowerCase();
}
