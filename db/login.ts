/** One login at PostgreSQL, with a password that somebody gives for it and is told of when it was refused. */
import pg from 'pg';

export interface LoginConfig extends pg.ClientConfig {
  /** This password, which the function `password` gave, was refused: it should not give it again. */
  onRefused?: ((password: string) => void) | undefined;
}

/** The code of the error when the function `password` failed. */
export const NO_PASSWORD = 'no_password';

/** The code of the error when the server does not prove who it is, or does not encrypt. */
export const NOT_TRUSTED = 'not_trusted';
/** What Node and OpenSSL call it; PostgreSQL's own codes have five characters. */
const TLS_CODES = /^ERR_(TLS|SSL)_|CERT|UNABLE_TO_VERIFY|HOSTNAME_MISMATCH/;

/** The server knows the password no longer, or not yet, or there is no such role. */
export function isLoginRefused(error: unknown): boolean {
  return error instanceof Error && ['28P01', '28000'].includes((error as Error & { code?: string }).code ?? '');
}

/**
 * Asks for the password before it connects. pg would ask in the middle of the login, on a connection that the server ends
 * when the answer takes long, and whose challenge a server may have made for the password of a moment ago.
 */
export class LoginClient extends pg.Client {
  readonly #config: LoginConfig;
  #isEnded = false;

  constructor(config: LoginConfig) {
    const { onRefused: _, password, ...rest } = config;
    super(typeof password === 'string' ? { ...rest, password } : rest);
    this.#config = config;
  }

  override connect(): Promise<pg.Client>;
  override connect(callback: (error: Error) => void): void;
  override connect(callback?: (error: Error) => void): Promise<pg.Client> | void {
    if (callback) throw new Error('a login is awaited');
    return this.#logIn();
  }

  override end(): Promise<void>;
  override end(callback: (error: Error) => void): void;
  override end(callback?: (error: Error) => void): Promise<void> | void {
    this.#isEnded = true;
    return callback ? super.end(callback) : super.end();
  }

  async #logIn(): Promise<pg.Client> {
    const { password: ask, onRefused } = this.#config;
    if (typeof ask !== 'function') return this.#reach();
    const password = await given(ask);
    if (this.#isEnded) throw new Error('connection terminated before the login');
    this.password = password;
    try {
      return await this.#reach();
    } catch (error) {
      if (isLoginRefused(error)) onRefused?.(password);
      throw error;
    }
  }

  async #reach(): Promise<pg.Client> {
    try {
      return await super.connect();
    } catch (error) {
      throw inWords(error as Error);
    }
  }
}

/** What an admin can mend is told in words; Node's own name an error of OpenSSL. */
function inWords(cause: Error & { code?: string }): Error {
  const about = (sentence: string) => Object.assign(new Error(sentence, { cause }), { code: NOT_TRUSTED });
  if (cause.message === 'The server does not support SSL connections')
    return about('the database does not encrypt, which is asked of it');
  if (!TLS_CODES.test(cause.code ?? '')) return cause;
  return about(
    `the certificate of the database is not trusted (${cause.message}); NODE_EXTRA_CA_CERTS may name a file with its authority`,
  );
}

/** That there is no password is told from whatever else the one who should give it has to say. */
async function given(ask: () => string | Promise<string>): Promise<string> {
  try {
    return await ask();
  } catch (cause) {
    throw Object.assign(new Error('no password for the database can be had', { cause }), { code: NO_PASSWORD });
  }
}
