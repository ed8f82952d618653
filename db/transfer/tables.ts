/** The tables of the schema as they are copied: who comes first, with which columns and sequences. */
import type pg from 'pg';
import { SCHEMA } from '../connect.ts';

export interface Table {
  name: string;
  columns: string[];
}

export interface Sequence {
  name: string;
  /** A bigint, so a string. */
  value: string;
  isCalled: boolean;
}

/** Knex's own tables say which migrations there are; they are not copied. */
const OURS = `n.nspname = '${SCHEMA}' and c.relname not like 'knex\\_%'`;

/** Applied migrations in their order; none when the schema is not there. */
export async function appliedMigrations(client: pg.Client): Promise<string[]> {
  const table = `${SCHEMA}.knex_migrations`;
  const { rows: found } = await client.query<{ oid: string | null }>('select to_regclass($1) as oid', [table]);
  if (!found[0]?.oid) return [];
  const { rows } = await client.query<{ name: string }>(`select name from ${table} order by id`);
  return rows.map(({ name }) => name);
}

/** A table comes behind all that it refers to, so that its rows find theirs. */
export async function tablesInOrder(client: pg.Client): Promise<Table[]> {
  const { rows } = await client.query<Table & { parents: string[] }>(
    `select c.relname as name,
      array(select a.attname::text from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
        order by a.attnum) as columns,
      array(select p.relname::text from pg_constraint k join pg_class p on p.oid = k.confrelid
        where k.conrelid = c.oid and k.contype = 'f' and p.oid <> c.oid) as parents
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and ${OURS} order by c.relname`,
  );
  const ordered: typeof rows = [];
  let left = rows;
  while (left.length > 0) {
    const ready = left.filter(({ parents }) => !parents.some((parent) => left.some(({ name }) => name === parent)));
    if (ready.length === 0)
      throw new Error(`these tables refer to each other: ${left.map(({ name }) => name).join(', ')}`);
    ordered.push(...ready);
    left = left.filter((table) => !ready.includes(table));
  }
  return ordered.map(({ name, columns }) => ({ name, columns }));
}

export async function sequences(client: pg.Client): Promise<Sequence[]> {
  const { rows } = await client.query<{ name: string }>(
    `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'S' and ${OURS} order by c.relname`,
  );
  const found: Sequence[] = [];
  for (const { name } of rows) {
    const state = await client.query<{ last_value: string; is_called: boolean }>(
      `select last_value, is_called from ${qualified(client, name)}`,
    );
    found.push({ name, value: state.rows[0]!.last_value, isCalled: state.rows[0]!.is_called });
  }
  return found;
}

export function qualified(client: pg.Client, name: string): string {
  return `${SCHEMA}.${client.escapeIdentifier(name)}`;
}

/** `holdfast."users" ("email", "name")`: what COPY copies. */
export function copyTarget(client: pg.Client, { name, columns }: Table): string {
  return `${qualified(client, name)} (${columns.map((column) => client.escapeIdentifier(column)).join(', ')})`;
}
