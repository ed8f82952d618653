/** Prints a new one-time sign-in link of the running instance. */
import { AppError } from '../protocol/errors.ts';
import { readSettings, type Settings } from './supervisor/env.ts';
import { locateHome, type Home } from './supervisor/home.ts';
import { createSignInLink } from './supervisor/links.ts';
import { complain, say } from './supervisor/progress.ts';
import { connectionOf, launcherOn } from './supervisor/running.ts';

async function link(settings: Settings, home: Home): Promise<string> {
  const launcher = launcherOn(home);
  if (launcher.authMode === 'proxy') {
    throw new AppError(
      'config.invalid',
      'This instance runs with AUTH_MODE=proxy: people are signed in by the proxy, there are no links.',
    );
  }
  return createSignInLink(connectionOf(launcher, settings, home), launcher.email, launcher.url);
}

const settings = readSettings();
link(settings, locateHome(settings.home)).then(say, (error: Error) => {
  complain(error.message);
  process.exit(1);
});
