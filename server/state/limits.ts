/** How much is stored of one session, and in which pieces; the relation between two of them beside them. */

const MIB = 1024 * 1024;

/** One object in the store: held in memory while it is sealed and sent, so that memory is bounded by it and not by a session. */
export const PART_BYTES = 4 * MIB;
/** All of one checkpoint, before it is compressed. */
export const CHECKPOINT_BYTES = 64 * MIB;
/** An agent's record of a conversation. Larger ones are left out: half of one is of no use. Keep it below CHECKPOINT_BYTES. */
export const CONVERSATION_BYTES = 32 * MIB;
/** Any other single file; larger ones are left out and named. */
export const FILE_BYTES = 10 * MIB;
/** A repository whose objects are no larger is stored with its whole history, and can be made anew on an empty disk. */
export const WHOLE_REPOSITORY_BYTES = 16 * MIB;
/** Changed and untracked files of one workspace; what comes after is left out. */
export const MAX_FILES = 5_000;
/** What is left out is named up to this many times. */
export const MAX_LEFT_OUT = 100;
/** States that a workspace had before: a disk that still has one of these may be brought forward. */
export const MAX_EARLIER = 200;
