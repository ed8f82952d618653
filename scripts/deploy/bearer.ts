/** The token of the one who deploys: from the CLI for a person, minted here for a service principal, whom the CLI gives none. */
import { AppError } from '../../protocol/errors.ts';
import { systemClock } from '../../server/base/clock.ts';
import { TokenSource } from '../../server/databricks/tokenSource.ts';
import { principalTokens } from '../../server/databricks/workspaceClient.ts';
import { CliError, type Cli } from './cli.ts';
import type { Bearer } from './verify.ts';

export function deployBearer(cli: Cli, environment: Readonly<Record<string, string | undefined>>): Bearer {
  const { DATABRICKS_HOST: host, DATABRICKS_CLIENT_ID: clientId, DATABRICKS_CLIENT_SECRET: clientSecret } = environment;
  const source =
    host && clientId && clientSecret
      ? principalTokens({ host, clientId, clientSecret }, systemClock)
      : new TokenSource(() => fromCli(cli), systemClock);
  return () => source.get();
}

async function fromCli(cli: Cli) {
  try {
    const { access_token: value, expiry } = await cli.read<{ access_token: string; expiry: string }>(['auth', 'token']);
    return { value, expiresAt: Date.parse(expiry) };
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    throw new AppError(
      'config.invalid',
      `the CLI gives no token to verify with (${error.message}); a service principal needs DATABRICKS_HOST, DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET`,
      { cause: error },
    );
  }
}
