/** All migrations in order, named without file endings, because the names are recorded and must not depend on how the code runs. */
import type { Knex } from 'knex';
import * as users from './0001_users.ts';
import * as signInLinks from './0002_sign_in_links.ts';
import * as authSessions from './0003_auth_sessions.ts';
import * as shards from './0004_shards.ts';
import * as assignments from './0005_assignments.ts';
import * as projects from './0006_projects.ts';
import * as sessions from './0007_sessions.ts';
import * as shardCommands from './0008_shard_commands.ts';
import * as shardLeases from './0009_shard_leases.ts';
import * as reservations from './0010_reservations.ts';
import * as sessionScreens from './0011_session_screens.ts';
import * as sessionConversations from './0012_session_conversations.ts';
import * as accessTokens from './0013_access_tokens.ts';
import * as sessionHibernations from './0014_session_hibernations.ts';
import * as commandArguments from './0015_command_arguments.ts';
import * as preferences from './0016_preferences.ts';
import * as pushSubscriptions from './0017_push_subscriptions.ts';
import * as presence from './0018_presence.ts';

/** A landed migration is never changed; append the next number. */
const migrations: [name: string, migration: Knex.Migration][] = [
  ['0001_users', users],
  ['0002_sign_in_links', signInLinks],
  ['0003_auth_sessions', authSessions],
  ['0004_shards', shards],
  ['0005_assignments', assignments],
  ['0006_projects', projects],
  ['0007_sessions', sessions],
  ['0008_shard_commands', shardCommands],
  ['0009_shard_leases', shardLeases],
  ['0010_reservations', reservations],
  ['0011_session_screens', sessionScreens],
  ['0012_session_conversations', sessionConversations],
  ['0013_access_tokens', accessTokens],
  ['0014_session_hibernations', sessionHibernations],
  ['0015_command_arguments', commandArguments],
  ['0016_preferences', preferences],
  ['0017_push_subscriptions', pushSubscriptions],
  ['0018_presence', presence],
];

export const migrationSource: Knex.MigrationSource<(typeof migrations)[number]> = {
  getMigrations: () => Promise.resolve(migrations),
  getMigrationName: ([name]) => name,
  getMigration: ([, migration]) => Promise.resolve(migration),
};
