/** What a checkpoint says of itself: which files its parts hold, and what they are of. */
import { z } from 'zod';

/** A path inside a folder that is not ours: neither out of it, nor to where a repository keeps itself. */
const InnerPath = z
  .string()
  .min(1)
  .max(4096)
  .refine((path) => !path.includes('\0') && !path.startsWith('/') && !path.split('/').includes('..'), 'leads outside');
const ObjectId = z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/);

export const LeftOut = z.object({ what: z.string(), why: z.string() });
export type LeftOut = z.infer<typeof LeftOut>;

/** The agent's own state for one conversation. */
export const AgentPart = z.object({
  conversationId: z.string(),
  /** Where the session began: the agent names its folder after it. */
  cwd: z.string(),
  /** `file` names one of the checkpoint's; `path` is inside the agent's directory. The first is the conversation itself. */
  files: z.array(z.object({ path: InnerPath, file: z.string(), mtimeMs: z.number() })).min(1),
});
export type AgentPart = z.infer<typeof AgentPart>;

/** A repository with what was not committed in it. */
export const WorkPart = z.object({
  /** Inside the person's workspace, `.` for all of it; or an absolute path, where people may work anywhere. */
  place: z.union([z.object({ inside: z.union([z.literal('.'), InnerPath]) }), z.object({ absolute: z.string() })]),
  /** Names this state; equal states have equal names. */
  stateId: z.string(),
  /** The states it had before, newest first. */
  earlier: z.array(z.string()),
  /** `whole`: all history; `local`: commits that no remote has, and changes; `changes`: only what is not committed. */
  bundle: z.object({ kind: z.enum(['whole', 'local', 'changes']), file: z.string() }).nullable(),
  format: z.enum(['sha1', 'sha256']),
  /** `ref: refs/heads/main`, or a commit when no branch is checked out. */
  head: z.string(),
  headCommit: ObjectId.nullable(),
  indexTree: ObjectId,
  workCommit: ObjectId,
  /** As `git update-index --index-info` takes it, NUL-separated, in base64: names need not be UTF-8. */
  unmerged: z.string(),
  /** Small files of the repository: a merge that is going on, the list of stashes. */
  gitFiles: z.array(z.object({ name: InnerPath, text: z.string() })),
  /** Remotes without credentials, branches' upstreams, and how lines end. */
  config: z.array(z.object({ key: z.string(), value: z.string() })),
  shallow: z.string().nullable(),
});
export type WorkPart = z.infer<typeof WorkPart>;

export const Manifest = z.object({
  version: z.literal(1),
  checkpointId: z.uuid(),
  shardId: z.string(),
  /** ms since the epoch */
  takenAt: z.number(),
  /** How many objects hold the files, one after another, compressed as one. */
  parts: z.number().int().min(0),
  files: z.array(z.object({ name: z.string().regex(/^[a-z0-9-]+$/), sizeBytes: z.number().int().min(0) })),
  agent: AgentPart.nullable(),
  work: WorkPart.nullable(),
  leftOut: z.array(LeftOut),
});
export type Manifest = z.infer<typeof Manifest>;
