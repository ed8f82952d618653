/** For the Knex command line on a database of your own: `DATABASE_URL=… NODE_OPTIONS="--import tsx" npx knex migrate:list`. */
import type { Knex } from 'knex';
import { SCHEMA } from './db/connect.ts';
import { migrationSource } from './db/migrations/index.ts';

const config: Knex.Config = {
  client: 'pg',
  connection: process.env['DATABASE_URL'] ?? {},
  searchPath: [SCHEMA],
  migrations: { migrationSource, schemaName: SCHEMA },
};

export default config;
