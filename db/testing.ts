/** A database of its own for each test file, cloned from a migrated template. */
import type { Knex } from 'knex';
import { inject } from 'vitest';
import { connect } from './connect.ts';
import { cloneDatabase, dropDatabase } from './databases.ts';

export interface TestServer {
  /** The administrator's URL with `DATABASE` where the name of a database belongs. */
  urlPattern: string;
  template: string;
  /** All databases of this run begin with it. */
  prefix: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    testServer: TestServer;
  }
}

export interface TestDatabase {
  name: string;
  /** The administrator's; for other roles replace user and password. */
  url: string;
  knex: Knex;
  drop(): Promise<void>;
}

let count = 0;

/** Migrated and empty. Call `drop` in afterAll. */
export async function createTestDatabase(options: { isMigrated?: boolean } = {}): Promise<TestDatabase> {
  const { template, prefix } = inject('testServer');
  const name = `${prefix}_${process.pid}_${++count}`;
  await cloneDatabase(adminUrl(), options.isMigrated === false ? 'template0' : template, name);
  const url = databaseUrl(name);
  const knex = connect(url, { applicationName: 'holdfast tests' });
  const drop = async () => {
    await knex.destroy();
    await dropDatabase(adminUrl(), name);
  };
  return { name, url, knex, drop };
}

export function adminUrl(): string {
  return databaseUrl('postgres');
}

function databaseUrl(name: string): string {
  return inject('testServer').urlPattern.replace('DATABASE', name);
}
