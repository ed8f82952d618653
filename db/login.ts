/** One login at PostgreSQL, with a password that somebody gives for it and is told of when it was refused. */
import pg from 'pg';

export interface LoginConfig extends pg.ClientConfig {
  /** This password, which the function `password` gave, was refused: it should not give it again. */
  onRefused?: ((password: string) => void) | undefined;
}

/** The code of the error when the function `password` failed. */
export const NO_PASSWORD = 'no_password';

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
    if (typeof ask !== 'function') return super.connect();
    const password = await given(ask);
    if (this.#isEnded) throw new Error('connection terminated before the login');
    this.password = password;
    try {
      return await super.connect();
    } catch (error) {
      if (isLoginRefused(error)) onRefused?.(password);
      throw error;
    }
  }
}

/** That there is no password is told from whatever else the one who should give it has to say. */
async function given(ask: () => string | Promise<string>): Promise<string> {
  try {
    return await ask();
  } catch (cause) {
    throw Object.assign(new Error('no password for the database can be had', { cause }), { code: NO_PASSWORD });
  }
}
