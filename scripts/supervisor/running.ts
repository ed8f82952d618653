/** The instance that runs on a home, and its database, for tools that act on it from outside. */
import type { Connection } from '../../db/connect.ts';
import { runningPostmaster } from '../../db/embedded/postmaster.ts';
import { EmbeddedServer } from '../../db/embedded/server.ts';
import { AppError } from '../../protocol/errors.ts';
import { DATABASE_NAME } from './database.ts';
import type { Settings } from './env.ts';
import type { Home } from './home.ts';
import { runningLauncher, type Launcher } from './lock.ts';
import { ensureSecrets } from './secrets.ts';

/** @throws AppError `config.invalid` when none runs */
export function launcherOn(home: Home): Launcher {
  const launcher = runningLauncher(home.lockFile);
  if (!launcher)
    throw new AppError('config.invalid', `Holdfast is not running on ${home.dir}: start it with "npm start".`);
  return launcher;
}

/** The administrator's. @throws AppError `config.invalid`, `database.unavailable` */
export function connectionOf(launcher: Launcher, settings: Settings, home: Home): Connection {
  const connection = launcher.isDatabaseEmbedded ? embeddedConnection(home) : settings.databaseUrl;
  if (!connection)
    throw new AppError(
      'config.invalid',
      'This instance uses a database of its own: set DATABASE_URL as for its start.',
    );
  return connection;
}

function embeddedConnection(home: Home): Connection {
  const postmaster = runningPostmaster(home.data);
  if (!postmaster)
    throw new AppError('database.unavailable', 'The embedded database is not running; try again in a moment.');
  const { adminPassword } = ensureSecrets(home.secretsFile, []);
  return new EmbeddedServer(postmaster, true, adminPassword).connection(DATABASE_NAME);
}
