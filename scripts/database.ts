/** Migrates, shows or takes back the schema by hand: `npm run db:migrate`, `db:status`, `db:rollback [-- all]`. */
import { migrateDown, migrateLatest, status } from '../db/migrate.ts';
import type { Connection } from '../db/connect.ts';
import { runningPostmaster } from '../db/embedded/postmaster.ts';
import { openDatabase } from './supervisor/database.ts';
import { readSettings } from './supervisor/env.ts';
import { prepareHome } from './supervisor/home.ts';
import { complain, say } from './supervisor/progress.ts';
import { ensureSecrets } from './supervisor/secrets.ts';

const commands: Record<string, (connection: Connection, all: boolean) => Promise<string[]>> = {
  async migrate(connection) {
    const applied = await migrateLatest(connection);
    return applied.length > 0 ? applied.map((name) => `applied    ${name}`) : ['Everything was applied already.'];
  },
  async status(connection) {
    const { done, pending } = await status(connection);
    return [...done.map((name) => `applied    ${name}`), ...pending.map((name) => `pending    ${name}`)];
  },
  async rollback(connection, all) {
    const reverted = await migrateDown(connection, { all });
    return reverted.length > 0 ? reverted.map((name) => `taken back ${name}`) : ['There was nothing to take back.'];
  },
};

async function main(name: string, all: boolean): Promise<void> {
  const command = commands[name];
  if (!command) throw new Error(`There is no command ${name}: use migrate, status or rollback.`);
  const settings = readSettings();
  const home = prepareHome(settings.home);
  const wasRunning = runningPostmaster(home.data) !== null;
  const database = await openDatabase(settings, home, ensureSecrets(home.secretsFile, []));
  try {
    for (const line of await command(database.connection, all)) say(line);
  } finally {
    if (!wasRunning) await database.stop();
  }
}

main(process.argv[2] ?? 'status', process.argv[3] === 'all').then(
  () => process.exit(0),
  (error: Error) => {
    complain(error.message);
    process.exit(1);
  },
);
