/** Runs everything and replaces what is edited: `scripts/dev --help`. */
import { resolve } from 'node:path';
import { Development } from './development/development.ts';
import { readDevelopmentSettings } from './development/env.ts';
import { runInForeground } from './supervisor/foreground.ts';
import { complain, say } from './supervisor/progress.ts';

const HELP = `scripts/dev

Starts the database, the backends, the frontend and the app, and replaces what you edit:

  pwa/, client/          in the open page, by vite
  server/, protocol/     the frontend or the backends start again; terminals go on
  server/ptyhost/        the pty hosts are replaced: their sessions end, and it says so
  scripts/, db/          start it again yourself

All logs come in one stream, with the instance in front. Ctrl-C ends everything.
The variables are those of npm start; FRONTEND_PORT is where the frontend listens behind vite, by default PORT + 100.
HOLDFAST_HOME and PORT make a second one beside an instance that runs.

  HOLDFAST_HOME=.holdfast/dev PORT=8200 BACKEND_1_PORT=8201 BACKEND_2_PORT=8202 scripts/dev`;

const args = process.argv.slice(2);
if (args.some((arg) => arg === '--help' || arg === '-h')) {
  say(HELP);
} else if (args.length > 0) {
  complain(`${args[0]} is not an option of dev: it is told by variables, which "scripts/dev --help" names.`);
  process.exit(1);
} else {
  const root = resolve(import.meta.dirname, '..');
  runInForeground(() => new Development(root, readDevelopmentSettings()));
}
