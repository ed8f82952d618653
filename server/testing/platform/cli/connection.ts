/** How the CLI's commands reach the stand-in workspace: as whoever is signed in, over the same API that has a server. */
import { readFileSync } from 'node:fs';
import type { Fields } from '../answers.ts';
import { issueToken } from '../identity.ts';
import { emptyCredential, type GiveCredential } from '../lakebase.ts';
import { answerRequest } from '../routes.ts';
import type { PlatformStore } from '../store.ts';
import { CliError, type Values } from './command.ts';

export interface Signed {
  mode: 'u2m' | 'm2m';
  userName: string;
  token: { value: string; expiresMs: number };
}

export class Connection {
  constructor(
    readonly store: PlatformStore,
    private readonly env: NodeJS.ProcessEnv,
    private readonly flags: Values,
  ) {}

  get profile(): string | undefined {
    return (this.flags['profile'] as string | undefined) ?? this.env['DATABRICKS_CONFIG_PROFILE'];
  }

  /** A profile, or a service principal of the environment, or who is signed in (`libs/auth`, databricks-sdk-go `config`). */
  signIn(): Signed {
    const { settings, principals } = this.store.read();
    if (this.profile !== undefined && !settings.profiles.includes(this.profile)) {
      const where = `${this.env['HOME'] ?? '~'}/.databrickscfg`;
      throw new CliError(
        `resolve: ${where} has no ${this.profile} profile configured. Config: profile=${this.profile}`,
      );
    }
    const [clientId, secret] = [this.env['DATABRICKS_CLIENT_ID'], this.env['DATABRICKS_CLIENT_SECRET']];
    const isM2m = this.profile === undefined && clientId !== undefined && secret !== undefined;
    const mode = isM2m ? 'm2m' : settings.cli.mode;
    const userName = isM2m ? clientId : settings.cli.userName;
    const principal = principals.find((one) => one.userName === userName);
    if (!principal || (isM2m && principal.clientSecret !== secret)) {
      throw new CliError('oauth-m2m: invalid_client: Client authentication failed');
    }
    return { mode, userName, token: this.#token(userName) };
  }

  /** The one that is cached, as long as it is good for a while. */
  #token(userName: string): Signed['token'] {
    const { tokens, settings } = this.store.read();
    const leastMs = Date.now() + settings.tokenLifeMs / 2;
    const cached = Object.entries(tokens).find(([, token]) => token.userName === userName && token.expiresMs > leastMs);
    if (cached) return { value: cached[0], expiresMs: cached[1].expiresMs };
    return this.store.update((state) => issueToken(state, userName));
  }

  /** @throws CliError with the message of the workspace */
  async call(method: string, path: string, body?: unknown, bytes?: Uint8Array): Promise<Fields> {
    const { token } = this.signIn();
    const request = {
      method,
      path,
      authorization: `Bearer ${token.value}`,
      bytes: bytes ?? (body === undefined ? undefined : Buffer.from(JSON.stringify(body))),
    };
    const answer = await answerRequest(this.store, request, { giveCredential: this.#giver(token.value) });
    if (answer.status < 400) return (answer.body ?? {}) as Fields;
    const message = (answer.body as Fields | undefined)?.['message'];
    throw new CliError(typeof message === 'string' ? message : `unexpected answer: ${answer.status}`);
  }

  /** Passwords come from the process that has the API's server: it knows the database. */
  #giver(token: string): GiveCredential {
    const { apiUrl } = this.store.read().settings;
    if (apiUrl === null) return emptyCredential;
    return async ({ product, target, ttlMs }) => {
      const isAutoscaling = product === 'autoscaling';
      const response = await fetch(`${apiUrl}/api/2.0/${isAutoscaling ? 'postgres' : 'database'}/credentials`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
        body: JSON.stringify(
          isAutoscaling
            ? { endpoint: target, ...(ttlMs && { ttl: `${ttlMs / 1000}s` }) }
            : { instance_names: [target], request_id: 'cli' },
        ),
      });
      const given = (await response.json()) as Record<string, string>;
      if (!response.ok) throw new CliError(given['message'] ?? `unexpected answer: ${response.status}`);
      return { token: given['token']!, expiresMs: Date.parse(given['expire_time'] ?? given['expiration_time']!) };
    };
  }
}

/** `--json`, inline or `@file` (`libs/flags/json_flag.go`); fields that the request does not have are warned of. */
export function jsonOf(flags: Values, known?: string[]): Fields {
  const given = flags['json'];
  if (typeof given !== 'string') return {};
  let source = given;
  if (given.startsWith('@')) {
    try {
      source = readFileSync(given.slice(1), 'utf8');
    } catch {
      throw new CliError(`error reading JSON file: open ${given.slice(1)}: no such file or directory`);
    }
  }
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch (error) {
    throw new CliError(`error decoding JSON at (inline):1:1: ${(error as Error).message}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new CliError('json input error:\n- (inline):1:1: expected map');
  }
  for (const name of Object.keys(value)) {
    if (known && !known.includes(name)) process.stderr.write(`Warning: unknown field: ${name}\n  in (inline)\n\n`);
  }
  const entries = Object.entries(value).filter(([name]) => !known || known.includes(name));
  return Object.fromEntries(entries);
}
