/** The rows of our tables as they come from the database. */
import type { Knex } from 'knex';
import type { PushNote } from '../protocol/attention.ts';

export interface UserRow {
  /** Normalized: see normalizeEmail. */
  email: string;
  name: string;
  created_at: Date;
  last_seen_at: Date;
}

export interface SignInLinkRow {
  /** SHA-256 of the token, in hex; the token itself is stored nowhere. */
  token_hash: string;
  email: string;
  created_at: Date;
  expires_at: Date;
  used_at: Date | null;
}

export interface AuthSessionRow {
  /** SHA-256 of the cookie's value, in hex. */
  token_hash: string;
  email: string;
  created_at: Date;
  expires_at: Date;
  last_seen_at: Date;
}

export interface ShardRow {
  id: string;
  version: string;
  host_generation: string | null;
  /** When the life of the backend began that holds the lease, by the database's clock. */
  started_at: Date;
  /** The last renewal of the lease, by the database's clock. */
  heartbeat_at: Date;
  /** Names that life; null for one of a release without holders. */
  lease_holder: string | null;
  /** Since when it takes no new people; null when it does. */
  draining_since: Date | null;
}

export interface AssignmentRow {
  email: string;
  shard_id: string;
  /** Counts the changes of this person's assignment. */
  epoch: number;
  reason: string;
  assigned_at: Date;
}

/** A person's place on a shard, whether or not it has a session yet. */
export interface ReservationRow {
  email: string;
  shard_id: string;
  reserved_until: Date;
}

export interface ProjectRow {
  id: string;
  owner_email: string;
  name: string;
  directory: string;
  preset: string;
  command: string[] | null;
  environment: Record<string, string>;
  archived_at: Date | null;
  created_at: Date;
  updated_at: Date;
}

export interface SessionRow {
  id: string;
  owner_email: string;
  project_id: string | null;
  /** The owner. */
  shard_id: string;
  /** Counts the ptys this session has had: 1 at first. */
  incarnation: number;
  host_generation: string | null;
  name: string;
  state: 'starting' | 'running' | 'exited' | 'lost';
  command: string[];
  cwd: string;
  cols: number;
  rows: number;
  exit_code: number | null;
  exit_signal: number | null;
  created_at: Date;
  ended_at: Date | null;
  /** Of an agent, by which it is resumed; null for any other program. */
  conversation_id: string | null;
  /** Put away, when it is the present incarnation and the state is `lost`; while `ended_at` is null its program is being ended. */
  hibernated_incarnation: number | null;
}

/** The contents are sealed: see server/sessions/screenSeal.ts. */
export interface SessionScreenRow {
  session_id: string;
  incarnation: number;
  /** A bigint, so a string. */
  byte_offset: string;
  cols: number;
  rows: number;
  /** Draws the visible screen. */
  screen: Buffer;
  /** The last lines of the normal buffer, to go on from `transcript`. */
  recent: Buffer;
  stored_at: Date;
  /** The last lines of the normal buffer, many more of them, as they were at `transcript_stored_at`. */
  transcript: Buffer | null;
  transcript_stored_at: Date | null;
}

export interface ShardCommandRow {
  /** A bigint, so a string. */
  id: string;
  shard_id: string;
  kind: string;
  session_id: string;
  requested_by: string;
  arguments: Record<string, unknown> | null;
  created_at: Date;
  done_at: Date | null;
  error: { code: string; message: string } | null;
}

export interface AccessTokenRow {
  /** Public: it stands in the token and in the list of a person's tokens. */
  id: string;
  /** SHA-256 of the whole token, in hex. */
  token_hash: string;
  email: string;
  name: string;
  created_at: Date;
  expires_at: Date;
  /** Up to a minute old. */
  last_used_at: Date | null;
}

export interface PreferenceRow {
  owner_email: string;
  name: string;
  /** Counts the changes of the document: 1 is the first. */
  revision: number;
  value: Record<string, unknown>;
  updated_at: Date;
}

export interface PushSubscriptionRow {
  id: string;
  owner_email: string;
  /** Knowing it is all that one needs to reach the device. */
  endpoint: string;
  p256dh: string;
  auth: string;
  created_at: Date;
}

export interface PushCallRow {
  id: string;
  owner_email: string;
  note: PushNote;
  created_at: Date;
}

export interface PresenceRow {
  owner_email: string;
  shard_id: string;
  alive_until: Date;
}

type Table<Row, Defaulted extends keyof Row> = Knex.CompositeTableType<
  Row,
  Omit<Row, Defaulted> & Partial<Pick<Row, Defaulted>>,
  Partial<Row>
>;

declare module 'knex/types/tables.js' {
  interface Tables {
    users: Table<UserRow, 'created_at' | 'last_seen_at'>;
    sign_in_links: Table<SignInLinkRow, 'created_at' | 'used_at'>;
    auth_sessions: Table<AuthSessionRow, 'created_at' | 'last_seen_at'>;
    shards: Table<ShardRow, 'host_generation' | 'started_at' | 'heartbeat_at' | 'lease_holder' | 'draining_since'>;
    assignments: Table<AssignmentRow, 'epoch' | 'assigned_at'>;
    reservations: Table<ReservationRow, never>;
    projects: Table<ProjectRow, 'id' | 'command' | 'environment' | 'archived_at' | 'created_at' | 'updated_at'>;
    sessions: Table<
      SessionRow,
      | 'id'
      | 'project_id'
      | 'incarnation'
      | 'host_generation'
      | 'exit_code'
      | 'exit_signal'
      | 'created_at'
      | 'ended_at'
      | 'conversation_id'
      | 'hibernated_incarnation'
    >;
    session_screens: Table<SessionScreenRow, 'stored_at' | 'transcript' | 'transcript_stored_at'>;
    preferences: Table<PreferenceRow, 'updated_at'>;
    push_subscriptions: Table<PushSubscriptionRow, 'id' | 'created_at'>;
    push_calls: Table<PushCallRow, 'id' | 'created_at'>;
    presence: Table<PresenceRow, never>;
    access_tokens: Table<AccessTokenRow, 'created_at' | 'last_used_at'>;
    shard_commands: Table<ShardCommandRow, 'id' | 'arguments' | 'created_at' | 'done_at' | 'error'>;
  }
}
