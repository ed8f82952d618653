/** Who counts as a person of a shard, in SQL: one definition for the bound and for the figures an admin is shown. */

/**
 * Rows `(shard_id, email, is_live)`: the owners of live sessions, and whoever holds a reservation. A person may stand in both,
 * so count distinct. Counts on the partial index sessions_live_owners and on reservations_shard.
 */
export const PEOPLE_SQL = `
  select shard_id, owner_email as email, true as is_live from sessions where state in ('starting', 'running')
  union all
  select shard_id, email, false from reservations where reserved_until > clock_timestamp()
`;
