/** The files of a session's workspace, and what git says was changed in it: asked of the shard that has the session. */
import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { SessionId } from './sessions.ts';

/** One uploaded file. Larger ones are better fetched from where they lie, by a program in the terminal. */
export const MAX_UPLOAD_BYTES = 512 * 1024 * 1024;
/** Of one person on one shard. Keep it above what one window sends at once, so that two windows do not meet it. */
export const MAX_UPLOADS_AT_ONCE = 6;
/** Of one window; the others wait in it. */
export const WINDOW_UPLOADS_AT_ONCE = 2;
/** Entries of one directory that are listed. */
export const MAX_LISTED = 10_000;
/** Changed files that are listed, and the part of one file's diff that is sent. */
export const MAX_CHANGED_FILES = 2_000;
export const MAX_DIFF_BYTES = 512 * 1024;
/** Below a session's directory: what was dropped on its terminal. It tells git to look away. */
export const UPLOAD_FOLDER = '.holdfast-uploads';

/** Absolute, or from the session's directory on; `~` is the person's home. */
const FilePath = z
  .string()
  .max(4096)
  .regex(/^[^\0]*$/, 'a path has no NUL');
const FileName = z.string().min(1).max(1024);

export const FileEntry = z.object({
  name: z.string(),
  /** Of a link: what it leads to. `other`: nothing that can be opened here. */
  kind: z.enum(['file', 'directory', 'other']),
  isLink: z.boolean(),
  /** Of a file. */
  sizeBytes: z.number().int().nullable(),
  modifiedAt: z.iso.datetime().nullable(),
});
export type FileEntry = z.infer<typeof FileEntry>;

/** Refused with `file.not_found`, `file.outside` and `file.not_permitted`. */
export const listFiles = endpoint({
  method: 'GET',
  path: '/api/v1/sessions/:sessionId/files',
  input: z.object({ sessionId: SessionId, path: FilePath.default('.') }),
  output: z.object({
    /** Absolute, links followed. */
    path: z.string(),
    /** The directory above which this person has no business. */
    root: z.string(),
    /** The session's directory. */
    cwd: z.string(),
    /** In no order. */
    entries: z.array(FileEntry),
    /** There are more than MAX_LISTED. */
    isCut: z.boolean(),
  }),
});
export type FileList = z.infer<typeof listFiles.output>;

/**
 * The body is the file itself, as `application/octet-stream`; the input stands in the query. It appears when all of it is there,
 * under its name or, where that is taken, with a number. Refused with `file.too_large`, `file.too_many`, `file.disk_full` and
 * those of `listFiles`.
 */
export const uploadFile = endpoint({
  method: 'POST',
  path: '/api/v1/sessions/:sessionId/files',
  input: z.object({
    sessionId: SessionId,
    name: FileName,
    /** Absent: UPLOAD_FOLDER in the session's directory, which is made. */
    directory: FilePath.optional(),
  }),
  output: z.object({ path: z.string(), name: z.string(), sizeBytes: z.number().int() }),
});
export type Uploaded = z.infer<typeof uploadFile.output>;

/** Answers with the bytes, never as a page of ours. */
export const downloadFile = {
  method: 'GET',
  path: '/api/v1/sessions/:sessionId/files/content',
  input: z.object({ sessionId: SessionId, path: FilePath.min(1) }),
} as const;

export const ChangeState = z.enum(['added', 'modified', 'deleted', 'renamed', 'type', 'untracked', 'conflict']);
export type ChangeState = z.infer<typeof ChangeState>;

export const ChangedFile = z.object({
  /** From the top of the working tree. */
  path: z.string(),
  /** Where it was, of one that was renamed. */
  from: z.string().nullable(),
  state: ChangeState,
  /** How much of it is in the index. */
  staged: z.enum(['none', 'some', 'all']),
  /** Lines; null for what is binary, or too large to be counted. */
  added: z.number().int().nullable(),
  deleted: z.number().int().nullable(),
});
export type ChangedFile = z.infer<typeof ChangedFile>;

/** What differs from the last commit, in the whole repository that the session's directory lies in. Refused with `changes.unreadable`. */
export const listChanges = endpoint({
  method: 'GET',
  path: '/api/v1/sessions/:sessionId/changes',
  input: z.object({ sessionId: SessionId }),
  output: z.object({
    /** Null where there is none. */
    repository: z.object({ workTree: z.string(), branch: z.string() }).nullable(),
    files: z.array(ChangedFile),
    /** There are more than MAX_CHANGED_FILES. */
    isCut: z.boolean(),
  }),
});
export type Changes = z.infer<typeof listChanges.output>;

export const getDiff = endpoint({
  method: 'GET',
  path: '/api/v1/sessions/:sessionId/changes/diff',
  input: z.object({ sessionId: SessionId, path: FilePath.min(1), from: FilePath.optional() }),
  output: z.object({
    kind: z.enum(['text', 'binary', 'tooLarge', 'same']),
    /** In git's unified form; of `text` only. */
    diff: z.string(),
    /** It is longer than MAX_DIFF_BYTES: the first lines of it. */
    isCut: z.boolean(),
  }),
});
export type FileDiff = z.infer<typeof getDiff.output>;
