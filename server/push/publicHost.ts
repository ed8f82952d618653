/**
 * Which addresses may be called. A subscription names any URL, and this instance stands in a network that its person may
 * not reach: only https and addresses that everybody can reach are called, whatever a name resolves to.
 */
import { lookup as resolve, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { AppError } from '../../protocol/errors.ts';

export function isPublicAddress(address: string): boolean {
  try {
    return ipaddr.process(address).range() === 'unicast';
  } catch {
    return false;
  }
}

/** @throws AppError `input.invalid` for what cannot be a push service; a name is only looked up when it is called */
export function requirePublicEndpoint(endpoint: string): void {
  const url = new URL(endpoint);
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const isLiteral = ipaddr.isValid(host);
  const isPublic = isLiteral
    ? isPublicAddress(host)
    : host.includes('.') && !/\.(localhost|local|internal)\.?$/i.test(host);
  const isPlain = url.protocol === 'https:' && url.username === '' && url.password === '';
  if (!isPublic || !isPlain) throw new AppError('input.invalid', 'endpoint: is not the address of a push service');
}

/** For a request: the address that it goes to is the one that was judged. */
export const lookupPublic: LookupFunction = (host, options, callback) => {
  resolve(host, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, '', 0);
    const chosen = addresses.filter(({ address }) => isPublicAddress(address));
    const [first] = chosen;
    if (!first) return callback(new Error(`${host} has no public address`), '', 0);
    if (options.all) (callback as unknown as (error: null, all: LookupAddress[]) => void)(null, chosen);
    else callback(null, first.address, first.family);
  });
};
