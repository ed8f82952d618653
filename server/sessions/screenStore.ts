/** The last screens of sessions in PostgreSQL, sealed: read by any shard when the owner cannot be asked. */
import type { Knex } from 'knex';
import type { SessionScreenRow } from '../../db/tables.ts';
import type { StoredScreen } from '../../protocol/sessions.ts';
import { joinLines } from './preamble.ts';
import { seal, unseal, type SealedFor } from './screenSeal.ts';

/** One session as it is drawn now. Lines are styled, each ended by `\x1b[m\r\n`. */
export interface Drawn {
  sessionId: string;
  incarnation: number;
  offset: number;
  cols: number;
  rows: number;
  /** Draws the visible screen; begins with a full reset. */
  screen: string;
  /** The newest lines of the normal buffer, a few kB. */
  recent: string;
  /** Many more of them; undefined leaves what was stored earlier of this incarnation. */
  transcript: string | undefined;
}

export class ScreenStore {
  /** @param key 32 bytes */
  constructor(
    private readonly knex: Knex,
    private readonly shardId: string,
    private readonly key: Buffer,
  ) {}

  /** Only while this shard owns that incarnation: an older life never writes over a newer one. */
  async save({ sessionId, incarnation, offset, cols, rows, ...drawn }: Drawn): Promise<void> {
    const sealed = (part: SealedFor['part'], text: string) => seal(this.key, text, { sessionId, incarnation, part });
    const [screen, recent, transcript] = await Promise.all([
      sealed('screen', drawn.screen),
      sealed('recent', drawn.recent),
      drawn.transcript === undefined ? null : sealed('transcript', drawn.transcript),
    ]);
    await this.knex.raw(
      `insert into session_screens as stored
         (session_id, incarnation, byte_offset, cols, rows, screen, recent, transcript, transcript_stored_at)
       select id, incarnation, :offset, :cols, :rows, :screen, :recent, :transcript, case when :isFull then now() end
         from sessions where id = :sessionId and shard_id = :shardId and incarnation = :incarnation
       on conflict (session_id) do update set
         incarnation = excluded.incarnation, byte_offset = excluded.byte_offset, stored_at = now(),
         cols = excluded.cols, rows = excluded.rows, screen = excluded.screen, recent = excluded.recent,
         transcript = coalesce(excluded.transcript,
           case when stored.incarnation = excluded.incarnation then stored.transcript end),
         transcript_stored_at = coalesce(excluded.transcript_stored_at,
           case when stored.incarnation = excluded.incarnation then stored.transcript_stored_at end)`,
      {
        ...{ sessionId, incarnation, offset, cols, rows, screen, recent, transcript },
        ...{ shardId: this.shardId, isFull: transcript !== null },
      },
    );
  }

  /** Undefined when none was stored, or what was cannot be read with our key. */
  async find(sessionId: string): Promise<StoredScreen | undefined> {
    const row = await this.#row(sessionId);
    const screen = row && (await this.#open(row, 'screen'));
    if (screen === undefined) return undefined;
    const { incarnation, byte_offset: offset, cols, rows, stored_at: storedAt } = row!;
    return { incarnation, offset: Number(offset), cols, rows, storedAt: storedAt.toISOString(), screen };
  }

  /** The lines of the normal buffer as far as they were stored; empty when there are none. */
  async lines(sessionId: string): Promise<string> {
    const row = await this.#row(sessionId);
    if (!row) return '';
    const [transcript, recent] = await Promise.all([this.#open(row, 'transcript'), this.#open(row, 'recent')]);
    const isTranscriptNewest = row.transcript_stored_at !== null && row.transcript_stored_at >= row.stored_at;
    return isTranscriptNewest && transcript !== undefined ? transcript : joinLines(transcript ?? '', recent ?? '');
  }

  async delete(sessionId: string): Promise<void> {
    await this.knex('session_screens').where({ session_id: sessionId }).delete();
  }

  #row(sessionId: string): Promise<SessionScreenRow | undefined> {
    return this.knex('session_screens').where({ session_id: sessionId }).first();
  }

  async #open(row: SessionScreenRow, part: SealedFor['part']): Promise<string | undefined> {
    const sealed = row[part];
    const { session_id: sessionId, incarnation } = row;
    return sealed ? unseal(this.key, sealed, { sessionId, incarnation, part }) : undefined;
  }
}
