/** Who the person is and where their sessions go: what the frontend answers. */
import { z } from 'zod';
import { endpoint } from './endpoint.ts';

export const Role = z.enum(['user', 'admin']);
export type Role = z.infer<typeof Role>;

export const Me = z.object({ email: z.string(), name: z.string(), roles: z.array(Role) });
export type Me = z.infer<typeof Me>;

export const ShardAddress = z.object({
  id: z.string(),
  /** A path on this origin in gateway mode, e.g. `/api/shards/backend-1`. */
  url: z.string(),
});
export type ShardAddress = z.infer<typeof ShardAddress>;

export const AppConfig = z.object({
  shards: z.array(ShardAddress),
  mode: z.enum(['gateway', 'direct']),
  version: z.string(),
  /** What they understand: see `release.ts`. Of the first release they say nothing. */
  release: z.object({ number: z.number().int(), oldest: z.number().int() }).optional(),
  authMode: z.enum(['token', 'proxy', 'local', 'oidc']),
  /** Whether whoever asks is signed in; absent when that cannot be told now. */
  isSignedIn: z.boolean().optional(),
});
export type AppConfig = z.infer<typeof AppConfig>;

/**
 * Why a person is on that shard: the published hash; a row made earlier; a default that at the time was down, draining or full;
 * or a move away from a shard that could not take them any more.
 */
export const AssignmentReason = z.enum([
  'hash',
  'kept',
  'default_down',
  'default_draining',
  'default_full',
  'moved_down',
  'moved_draining',
  'moved_full',
  /** Their shard is not among the configured ones any more. */
  'moved_removed',
]);
export type AssignmentReason = z.infer<typeof AssignmentReason>;

export const Assignment = z.object({
  email: z.string(),
  shardId: z.string(),
  url: z.string(),
  /** Counts the changes of this person's assignment; 0 is a guess by hash that is not remembered, as while the database is away. */
  epoch: z.number().int(),
  reason: AssignmentReason,
});
export type Assignment = z.infer<typeof Assignment>;

/** What the browser keeps under `backend_assignment`. A hint: the truth is the session's row. */
export const StoredAssignment = z.object({
  email: z.string(),
  shardId: z.string(),
  url: z.string(),
  epoch: z.number().int(),
  assignedAt: z.string(),
});
export type StoredAssignment = z.infer<typeof StoredAssignment>;

const Nothing = z.object({});
export const getMe = endpoint({ method: 'GET', path: '/api/me', input: Nothing, output: Me });
export const getConfig = endpoint({ method: 'GET', path: '/api/config', input: Nothing, output: AppConfig });
export const getAssignment = endpoint({ method: 'GET', path: '/api/assignment', input: Nothing, output: Assignment });
export const signOut = endpoint({ method: 'POST', path: '/api/sign-out', input: Nothing, output: Nothing });
