/** Makes a way into the running instance: a sign-in link, or a command-line token: `scripts/token --help`. */
import { parseArgs } from 'node:util';
import { connect } from '../db/connect.ts';
import { AppError } from '../protocol/errors.ts';
import { normalizeEmail } from '../protocol/routing.ts';
import { MAX_TOKEN_LIFETIME_DAYS } from '../protocol/tokens.ts';
import { AccessTokenStore } from '../server/identity/accessTokenStore.ts';
import { readSettings } from './supervisor/env.ts';
import { locateHome } from './supervisor/home.ts';
import { createSignInLink } from './supervisor/links.ts';
import { complain, say } from './supervisor/progress.ts';
import { connectionOf, launcherOn } from './supervisor/running.ts';

const HELP = `scripts/token [--cli] [--name NAME] [--days DAYS] [--email EMAIL]

Prints a one-time sign-in link of the running instance, or with --cli a token for the command line and for programs.

  --cli           a token, as "Account and settings" makes them; it is shown once
  --name NAME     what it is called there; scripts/token by default
  --days DAYS     how long it is good for; 7 by default, ${MAX_TOKEN_LIFETIME_DAYS} at most
  --email EMAIL   whose it is, where people are signed in by a proxy

  scripts/token
  HOLDFAST_TOKEN=$(scripts/token --cli --days 1) npm run -s attach -- --url http://localhost:8000`;

const options = {
  cli: { type: 'boolean' },
  name: { type: 'string', default: 'scripts/token' },
  days: { type: 'string', default: '7' },
  email: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

async function main(args: string[]): Promise<string> {
  const { values } = parseArgs({ args, options });
  if (values.help) return HELP;
  const settings = readSettings();
  const home = locateHome(settings.home);
  const launcher = launcherOn(home);
  const connection = connectionOf(launcher, settings, home);
  if (values.cli) {
    const lifetimeDays = daysOf(values.days);
    const email = emailOf(values.email, launcher);
    const knex = connect(connection, { poolMax: 1 });
    const store = new AccessTokenStore(knex);
    const made = store.create({ email, name: email }, { name: values.name, lifetimeDays });
    return (await made.finally(() => knex.destroy())).token;
  }
  if (launcher.authMode === 'proxy')
    throw new AppError(
      'config.invalid',
      'People are signed in by a proxy here, there are no links: use --cli --email.',
    );
  return createSignInLink(connection, emailOf(values.email, launcher), launcher.url);
}

/** In token mode there is one person; anyone else would be refused. */
function emailOf(asked: string | undefined, { authMode, email }: { authMode: string; email: string }): string {
  if (authMode === 'token') {
    if (asked !== undefined && normalizeEmail(asked) !== email)
      throw new AppError('input.invalid', `This instance has one person, ${email}.`);
    return email;
  }
  if (!asked) throw new AppError('input.invalid', 'Many people use this instance: --email says whose token it is.');
  return normalizeEmail(asked);
}

function daysOf(text: string): number {
  const days = Number(text);
  if (Number.isInteger(days) && days >= 1 && days <= MAX_TOKEN_LIFETIME_DAYS) return days;
  throw new AppError('input.invalid', `--days ${text} is not a whole number from 1 to ${MAX_TOKEN_LIFETIME_DAYS}.`);
}

main(process.argv.slice(2)).then(say, (error: Error) => {
  complain(error.message);
  process.exit(1);
});
