/** Which shard a person's new sessions go to, as a row, so that a second device goes to the same one. */
import type { Knex } from 'knex';
import type { AssignmentReason } from '../../protocol/identity.ts';

export interface AssignmentRecord {
  shardId: string;
  epoch: number;
  reason: AssignmentReason;
}

export class AssignmentStore {
  constructor(private readonly knex: Knex) {}

  async find(email: string): Promise<AssignmentRecord | undefined> {
    const row = await this.knex('assignments').where({ email }).first();
    return row && { shardId: row.shard_id, epoch: row.epoch, reason: row.reason as AssignmentReason };
  }

  /** Two first requests at once make one row, and both get it. */
  async create(email: string, shardId: string, reason: AssignmentReason): Promise<AssignmentRecord> {
    await this.knex('assignments').insert({ email, shard_id: shardId, reason }).onConflict('email').ignore();
    return (await this.find(email))!;
  }

  /** Compare-and-set on the epoch: of two who move a person at once, one does, and both get the outcome. */
  async move(
    email: string,
    from: AssignmentRecord,
    shardId: string,
    reason: AssignmentReason,
  ): Promise<AssignmentRecord> {
    await this.knex('assignments')
      .where({ email, epoch: from.epoch })
      .update({ shard_id: shardId, reason, epoch: from.epoch + 1, assigned_at: new Date() });
    return (await this.find(email))!;
  }
}
