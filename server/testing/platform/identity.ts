/** Who asks: tokens of the stand-in workspace, and what SCIM says of a person or a service principal. */
import { randomBytes } from 'node:crypto';
import { ApiProblem, type Answer } from './answers.ts';
import type { PlatformState, Principal } from './state.ts';

export interface Token {
  value: string;
  expiresMs: number;
}

/** @param userName of a person or a service principal that the workspace knows */
export function issueToken(state: PlatformState, userName: string, lifeMs = state.settings.tokenLifeMs): Token {
  const value = `eyJ${randomBytes(24).toString('base64url')}`;
  const expiresMs = Date.now() + lifeMs;
  state.tokens[value] = { userName, expiresMs };
  return { value, expiresMs };
}

/** The principal of a bearer; null for a token that is unknown or over. */
export function principalOf(state: PlatformState, bearer: string | undefined): Principal | null {
  const value = /^Bearer (.+)$/.exec(bearer ?? '')?.[1];
  const token = value === undefined ? undefined : state.tokens[value];
  if (!token || token.expiresMs <= Date.now()) return null;
  return findPrincipal(state, token.userName);
}

export function findPrincipal(state: PlatformState, userName: string): Principal | null {
  return state.principals.find((principal) => principal.userName === userName) ?? null;
}

export function requirePrincipal(state: PlatformState, bearer: string | undefined): Principal {
  const principal = principalOf(state, bearer);
  if (principal) return principal;
  throw new ApiProblem(401, 'UNAUTHENTICATED', 'Credential was not sent or was of an unsupported type for this API.');
}

/** `POST /oidc/v1/token` with client credentials (RFC 6749, section 4.4; errors as in its section 5.2). */
export function clientCredentials(state: PlatformState, authorization: string | undefined, form: string): Answer {
  const fields = new URLSearchParams(form);
  const basic = Buffer.from(/^Basic (.+)$/.exec(authorization ?? '')?.[1] ?? '', 'base64').toString();
  const [clientId, secret] = basic.includes(':')
    ? [basic.slice(0, basic.indexOf(':')), basic.slice(basic.indexOf(':') + 1)]
    : [fields.get('client_id') ?? '', fields.get('client_secret') ?? ''];
  state.tokenCalls[clientId] = (state.tokenCalls[clientId] ?? 0) + 1;
  const principal = findPrincipal(state, clientId);
  if (!principal?.clientSecret || principal.clientSecret !== secret) {
    return { status: 401, body: { error: 'invalid_client', error_description: 'Client authentication failed' } };
  }
  if (fields.get('grant_type') !== 'client_credentials') {
    return { status: 400, body: { error: 'unsupported_grant_type', error_description: 'Unsupported grant type' } };
  }
  if (fields.get('scope') !== 'all-apis') {
    return { status: 400, body: { error: 'invalid_scope', error_description: 'Invalid scope' } };
  }
  const { value, expiresMs } = issueToken(state, clientId);
  const seconds = Math.round((expiresMs - Date.now()) / 1000);
  return { status: 200, body: { access_token: value, token_type: 'Bearer', expires_in: seconds, scope: 'all-apis' } };
}

/** SCIM `Me`; a service principal has its client id for a name and no e-mail. */
export function scimUser(principal: Principal): Record<string, unknown> {
  const [givenName = '', familyName = ''] = principal.displayName.split(' ', 2);
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    id: String(principal.id),
    userName: principal.userName,
    displayName: principal.displayName,
    active: true,
    ...(principal.kind === 'user' && {
      name: { givenName, familyName },
      emails: [{ type: 'work', value: principal.userName, primary: true }],
    }),
    groups: principal.groups.map((display, index) => ({
      display,
      type: 'direct',
      value: String(900 + index),
      $ref: `Groups/${900 + index}`,
    })),
  };
}

/** Where an app's ingress sends a browser to sign in: a link for each person, back to where they came from. */
export function loginPage(state: PlatformState, query: URLSearchParams): Answer {
  const [redirect, target] = [query.get('redirect_uri') ?? '', query.get('state') ?? ''];
  const people = state.principals.filter(({ kind }) => kind === 'user');
  const links = people.map(({ userName }) => {
    const back = `${redirect}?${new URLSearchParams({ code: userName, state: target }).toString()}`;
    return `<p><a href="${back.replaceAll('&', '&amp;')}">${userName}</a></p>`;
  });
  return { status: 200, body: `<!doctype html><title>Sign in</title><h1>Sign in</h1>${links.join('')}` };
}
