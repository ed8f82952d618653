/** Who may pass the ingress of an app, and what the app is told of them (Databricks documentation, "HTTP headers passed to apps"). */
import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { findPrincipal, issueToken, principalOf } from './identity.ts';
import { mayUse } from './permissions.ts';
import type { AppRecord, PlatformState, Principal } from './state.ts';
import type { PlatformStore } from './store.ts';

export interface HeaderSwitches {
  /** Sources disagree: may a service principal that calls name a person by itself? */
  passCallerForwardedEmail: boolean;
  /** Sources disagree: do `X-…` headers of a caller's own arrive? */
  dropCustomHeaders: boolean;
  /** Whether the app is given the person's token. */
  hasUserAuthorization: boolean;
}

export type Verdict = { principal: Principal } | { status: 302; location: string } | { status: 401 | 403 };

/** Of one connection; not to be passed on. */
const HOP_BY_HOP = ['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'];

export class IngressAuth {
  /** Browsers that signed in, by the value of their cookie. */
  #sessions = new Map<string, { app: string; userName: string }>();

  constructor(private readonly store: PlatformStore) {}

  /** A browser's cookie for this app. */
  signIn(app: string, userName: string): string {
    if (findPrincipal(this.store.peek(), userName)?.kind !== 'user') throw new Error(`there is no ${userName}`);
    const value = randomBytes(16).toString('hex');
    this.#sessions.set(value, { app, userName });
    return `${cookieName(app)}=${value}`;
  }

  /** Every browser has to sign in again. */
  forgetSessions(): void {
    this.#sessions.clear();
  }

  judge(record: AppRecord, headers: IncomingHttpHeaders, path: string): Verdict {
    const state = this.store.peek();
    const { authorization } = headers;
    const principal = authorization ? principalOf(state, authorization) : this.#person(state, record.app.name, headers);
    if (principal) return mayUse(record, principal) ? { principal } : { status: 403 };
    // Without any credential everything is sent to sign in, also what a browser asks before a cross-origin call.
    if (authorization && /^\/api(\/|$)/.test(path.split('?')[0]!)) return { status: 401 };
    return { status: 302, location: loginUrl(state, record, path) };
  }

  /** The headers that the app gets, in place of the caller's. */
  forwarded(headers: IncomingHttpHeaders, app: string, caller: Principal, switches: HeaderSwitches) {
    const kept = Object.entries(headers).filter(
      ([name]) =>
        name !== 'authorization' &&
        !name.startsWith('x-forwarded-') &&
        !HOP_BY_HOP.includes(name) &&
        !(switches.dropCustomHeaders && name.startsWith('x-')),
    );
    const { workspaceId } = this.store.peek().settings;
    const isPerson = caller.kind === 'user';
    const claimed = headers['x-forwarded-email'];
    const email = isPerson ? caller.userName : switches.passCallerForwardedEmail ? claimed : undefined;
    const cookie = withoutOwnCookie(headers.cookie, app);
    const { cookie: _, ...rest } = Object.fromEntries(kept);
    return {
      ...rest,
      ...(cookie && { cookie }),
      'x-forwarded-host': headers.host,
      'x-forwarded-user': `${caller.id}@${workspaceId}`,
      'x-forwarded-preferred-username': caller.displayName,
      ...(email !== undefined && { 'x-forwarded-email': email }),
      ...(isPerson && switches.hasUserAuthorization && { 'x-forwarded-access-token': this.#userToken(caller) }),
      'x-real-ip': '198.51.100.7',
      'x-request-id': randomUUID(),
    };
  }

  #userToken({ userName }: Principal): string {
    const { tokens, settings } = this.store.peek();
    const leastMs = Date.now() + settings.tokenLifeMs / 2;
    const cached = Object.entries(tokens).find(([, token]) => token.userName === userName && token.expiresMs > leastMs);
    return cached?.[0] ?? this.store.update((state) => issueToken(state, userName)).value;
  }

  #person(state: PlatformState, app: string, headers: IncomingHttpHeaders): Principal | null {
    const value = new RegExp(`(?:^|; *)${cookieName(app)}=([0-9a-f]+)`).exec(headers.cookie ?? '')?.[1];
    const session = value === undefined ? undefined : this.#sessions.get(value);
    return session?.app === app ? findPrincipal(state, session.userName) : null;
  }
}

export const cookieName = (app: string) => `databricksapps-${app}`;

function withoutOwnCookie(cookie: string | undefined, app: string): string | undefined {
  const others = (cookie ?? '').split(/; */).filter((one) => one !== '' && !one.startsWith(`${cookieName(app)}=`));
  return others.length > 0 ? others.join('; ') : undefined;
}

/** The login is the workspace's, at another origin than the app's. */
function loginUrl(state: PlatformState, { app }: AppRecord, path: string): string {
  const query = new URLSearchParams({
    client_id: app.oauth2_app_client_id,
    redirect_uri: `${app.url}/.auth/callback`,
    response_type: 'code',
    scope: 'openid email profile offline_access',
    state: path,
  });
  return `${state.settings.apiUrl ?? state.settings.host}/oidc/oauth2/v2.0/authorize?${query.toString()}`;
}
