/** Preferences in PostgreSQL: a document gives way only to who has seen its revision. */
import type { Knex } from 'knex';
import type { PreferenceRow } from '../../db/tables.ts';
import { AppError } from '../../protocol/errors.ts';
import type { PreferenceDocument, PreferenceName, PreferenceValue } from '../../protocol/preferences.ts';

export class PreferenceStore {
  constructor(private readonly knex: Knex) {}

  /** By the primary key, which begins with the owner. */
  async list(ownerEmail: string): Promise<PreferenceDocument[]> {
    const rows = await this.knex('preferences').where({ owner_email: ownerEmail }).orderBy('name');
    return rows.map(toDocument);
  }

  /**
   * One statement: of several who have seen the same revision one comes through.
   * @param revision the one that was seen; 0 when there was no document
   * @throws AppError `preferences.changed` with the revision that is there
   */
  async put(
    ownerEmail: string,
    name: PreferenceName,
    revision: number,
    value: PreferenceValue,
  ): Promise<PreferenceDocument> {
    // As text: pg would write an object by rules of its own.
    const json = JSON.stringify(value) as unknown as PreferenceRow['value'];
    const [row] =
      revision === 0
        ? await this.knex('preferences')
            .insert({ owner_email: ownerEmail, name, revision: 1, value: json })
            .onConflict()
            .ignore()
            .returning('*')
        : await this.knex('preferences')
            .where({ owner_email: ownerEmail, name, revision })
            .update({ revision: revision + 1, value: json, updated_at: this.knex.fn.now() as unknown as Date })
            .returning('*');
    if (!row) throw await this.#changed(ownerEmail, name);
    return toDocument(row);
  }

  async #changed(ownerEmail: string, name: PreferenceName): Promise<AppError> {
    const row = await this.knex('preferences').where({ owner_email: ownerEmail, name }).first('revision');
    return new AppError('preferences.changed', `“${name}” was changed from elsewhere meanwhile`, {
      details: { revision: String(row?.revision ?? 0) },
    });
  }
}

function toDocument({ name, revision, value, updated_at }: PreferenceRow): PreferenceDocument {
  return { name, revision, value, updatedAt: updated_at.toISOString() };
}
