/** Prints a new one-time sign-in link of the running instance. */
import { runningPostmaster } from '../db/embedded/postmaster.ts';
import { EmbeddedServer } from '../db/embedded/server.ts';
import { AppError } from '../protocol/errors.ts';
import { DATABASE_NAME } from './supervisor/database.ts';
import { readSettings, type Settings } from './supervisor/env.ts';
import { locateHome, type Home } from './supervisor/home.ts';
import { createSignInLink } from './supervisor/links.ts';
import { runningLauncher } from './supervisor/lock.ts';
import { complain, say } from './supervisor/progress.ts';
import { ensureSecrets } from './supervisor/secrets.ts';

async function link(settings: Settings, home: Home): Promise<string> {
  const launcher = runningLauncher(home.lockFile);
  if (!launcher)
    throw new AppError('config.invalid', `Holdfast is not running on ${home.dir}: start it with "npm start".`);
  if (launcher.authMode === 'proxy') {
    throw new AppError(
      'config.invalid',
      'This instance runs with AUTH_MODE=proxy: people are signed in by the proxy, there are no links.',
    );
  }
  const connection = launcher.isDatabaseEmbedded ? embeddedConnection(home) : settings.databaseUrl;
  if (!connection)
    throw new AppError(
      'config.invalid',
      'This instance uses a database of its own: set DATABASE_URL as for its start.',
    );
  return createSignInLink(connection, launcher.email, launcher.url);
}

function embeddedConnection(home: Home) {
  const postmaster = runningPostmaster(home.data);
  if (!postmaster)
    throw new AppError('database.unavailable', 'The embedded database is not running; try again in a moment.');
  const { adminPassword } = ensureSecrets(home.secretsFile, []);
  return new EmbeddedServer(postmaster, true, adminPassword).connection(DATABASE_NAME);
}

const settings = readSettings();
link(settings, locateHome(settings.home)).then(say, (error: Error) => {
  complain(error.message);
  process.exit(1);
});
