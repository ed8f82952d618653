/** One login at PostgreSQL, which tells whoever gave the password when it was refused. */
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

export class LoginClient extends pg.Client {
  readonly #onRefused: LoginConfig['onRefused'];

  constructor(config: LoginConfig) {
    const { onRefused, password, ...rest } = config;
    super({ ...rest, password: typeof password === 'function' ? toldApart(password) : password });
    this.#onRefused = onRefused;
  }

  override connect(): Promise<pg.Client>;
  override connect(callback: (error: Error) => void): void;
  override connect(callback?: (error: Error) => void): Promise<pg.Client> | void {
    if (callback) return super.connect(callback);
    return super.connect().catch((error: unknown) => {
      // pg leaves in `password` what the function gave.
      if (isLoginRefused(error) && typeof this.password === 'string') this.#onRefused?.(this.password);
      throw error;
    });
  }
}

type PasswordFunction = Extract<pg.ClientConfig['password'], (...args: never[]) => unknown>;

/** That there is no password is told from whatever else the one who should give it has to say. */
function toldApart(password: PasswordFunction): PasswordFunction {
  return async () => {
    try {
      return await password();
    } catch (cause) {
      const error = new Error('no password for the database can be had', { cause });
      throw Object.assign(error, { code: NO_PASSWORD });
    }
  };
}
