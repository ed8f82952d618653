/**
 * The database by hand: `npm run db:migrate`, `db:status`, `db:rollback [-- all]`, `db:grant -- frontend=ROLE backend=ROLE …`,
 * `db:export -- FILE`, `db:import -- FILE`.
 */
import type { Connection } from '../db/connect.ts';
import { runningPostmaster } from '../db/embedded/postmaster.ts';
import { grantExisting, type Grantee } from '../db/grants.ts';
import { migrateDown, migrateLatest, status } from '../db/migrate.ts';
import { exportDatabase } from '../db/transfer/export.ts';
import { importDatabase } from '../db/transfer/import.ts';
import { openDatabase } from './supervisor/database.ts';
import { readSettings } from './supervisor/env.ts';
import { prepareHome } from './supervisor/home.ts';
import { complain, say } from './supervisor/progress.ts';
import { ensureSecrets } from './supervisor/secrets.ts';

/** Says what it did, line by line, while it does it. */
type Command = (connection: Connection, args: string[]) => Promise<void>;

const commands: Record<string, Command> = {
  async migrate(connection) {
    const applied = await migrateLatest(connection);
    for (const name of applied) say(`applied    ${name}`);
    if (applied.length === 0) say('Everything was applied already.');
  },
  async status(connection) {
    const { done, pending } = await status(connection);
    for (const name of done) say(`applied    ${name}`);
    for (const name of pending) say(`pending    ${name}`);
  },
  async rollback(connection, [all]) {
    const reverted = await migrateDown(connection, { all: all === 'all' });
    for (const name of reverted) say(`taken back ${name}`);
    if (reverted.length === 0) say('There was nothing to take back.');
  },
  async grant(connection, args) {
    const grantees = args.map(granteeOf);
    if (grantees.length === 0) throw new Error('Say to whom: frontend=ROLE backend=ROLE …');
    await grantExisting(connection, grantees);
    for (const { role, kind } of grantees) say(`granted    what a ${kind} needs to ${role}`);
  },
  async export(connection, [file]) {
    await exportDatabase(connection, fileOf(file), tellRows);
    say(
      `${file} holds everything: who people are, command lines, hashes of tokens, and screens that are sealed with the ` +
        `key of secrets.json, which is not in it. Only you may read the file.`,
    );
  },
  async import(connection, [file]) {
    await importDatabase(connection, fileOf(file), tellRows);
    say('Everything was imported. Stored screens open with the SCREENS_KEY that they were made with.');
  },
};

const tellRows = (table: string, rows: number) => say(`${table.padEnd(20)} ${String(rows).padStart(10)} rows`);

function fileOf(file: string | undefined): string {
  if (!file) throw new Error('Name a file.');
  return file;
}

function granteeOf(text: string): Grantee {
  const [kind, role] = text.split('=', 2);
  if ((kind !== 'frontend' && kind !== 'backend') || !role)
    throw new Error(`"${text}" is not frontend=ROLE or backend=ROLE.`);
  return { kind, role };
}

async function main([name = 'status', ...args]: string[]): Promise<void> {
  const command = commands[name];
  if (!command) throw new Error(`There is no command ${name}: use ${Object.keys(commands).join(', ')}.`);
  const settings = readSettings();
  const home = prepareHome(settings.home);
  const wasRunning = runningPostmaster(home.data) !== null;
  const database = await openDatabase(settings, home, ensureSecrets(home.secretsFile, []));
  try {
    await command(database.connection, args);
  } finally {
    if (!wasRunning) await database.stop();
  }
}

main(process.argv.slice(2)).then(
  () => process.exit(0),
  (error: Error) => {
    complain(error.message);
    process.exit(1);
  },
);
