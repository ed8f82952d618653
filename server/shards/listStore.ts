/** What people's lists look like, in a few bytes: to notice that one has changed without reading it. */
import type { Knex } from 'knex';
import type { ChangedSubject } from '../../protocol/terminal.ts';

export interface ListPrint {
  email: string;
  subject: ChangedSubject;
  /** Another one when anything in the list is another. */
  print: string;
}

export class ListStore {
  constructor(private readonly knex: Knex) {}

  /** Of those who have such a list at all (indexes on the owner in each table). */
  async prints(emails: string[]): Promise<ListPrint[]> {
    const { rows } = await this.knex.raw<{ rows: ListPrint[] }>(
      `select owner_email as email, 'sessions' as subject, md5(string_agg(md5(s::text), '' order by id)) as print
      from sessions s where owner_email = any(:emails) group by owner_email
      union all
      select owner_email, 'projects', md5(string_agg(md5(p::text), '' order by id))
      from projects p where owner_email = any(:emails) group by owner_email
      union all
      select owner_email, 'preferences', string_agg(name || revision, ' ' order by name)
      from preferences where owner_email = any(:emails) group by owner_email`,
      { emails },
    );
    return rows;
  }
}
