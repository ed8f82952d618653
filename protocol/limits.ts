/** Sizes and times that both sides rely on; the unit is in the name, the relation between two of them beside them. */

/** Above this many unacknowledged bytes an attachment is sent no more; others are not affected. */
export const HIGH_WATERMARK_BYTES = 128 * 1024;
/** Below this many it is sent to again. Keep it above ACK_BYTES, or a paused attachment may wait for an ack that never comes. */
export const LOW_WATERMARK_BYTES = 32 * 1024;
/** A client acknowledges at the latest after this many parsed bytes. */
export const ACK_BYTES = 16 * 1024;
/** One output frame carries at most this many bytes, so that a flood never holds the line for long. */
export const OUTPUT_FRAME_BYTES = 32 * 1024;
/** A viewer that acknowledged nothing for this long no longer paces the pty: an agent never waits for a sleeping laptop. */
export const LIVE_VIEWER_MS = 5_000;

/** One input frame carries at most this many bytes; larger pastes are cut. */
export const INPUT_FRAME_BYTES = 16 * 1024;
/**
 * At most this much input of one attachment is on its way; the rest waits in the client, whole. Kept small, because a key
 * typed into another session waits behind it on a slow line.
 */
export const INPUT_WINDOW_BYTES = 64 * 1024;
/** While disconnected a client holds at most this much new typing. */
export const HELD_INPUT_BYTES = 64 * 1024;
/** Held typing whose oldest byte is older than this is asked for before it is sent. */
export const ASK_HELD_AFTER_MS = 10_000;

/** One websocket message. The transport cuts the whole connection above MAX_TRANSPORT_BYTES; between the two a message gets a typed answer. */
export const MAX_MESSAGE_BYTES = 1024 * 1024;
export const MAX_TRANSPORT_BYTES = 16 * 1024 * 1024;
/** A picture of the screen alone, which is to be there at once. */
export const SNAPSHOT_BYTES = 256 * 1024;
/** A picture of the screen and the lines above it; a message with its head must stay below MAX_MESSAGE_BYTES. */
export const HISTORY_BYTES = MAX_MESSAGE_BYTES - 1024;
/** One HTTP request body of the JSON API. */
export const MAX_BODY_BYTES = 1024 * 1024;

export const MIN_COLS = 2;
export const MAX_COLS = 1000;
export const MIN_ROWS = 1;
export const MAX_ROWS = 500;
/** Where several clients look at one session, none may make it smaller than this: it would be of no use to the others. */
export const SHARED_MIN_COLS = 20;
export const SHARED_MIN_ROWS = 5;

/** Output kept per session for replay. A client that is further behind gets a snapshot. */
export const LOG_CAPACITY_BYTES = 64 * 1024 * 1024;

/** engine.io's ping; a dead link is found within PING_INTERVAL_MS + PING_TIMEOUT_MS, under 10 s. */
export const PING_INTERVAL_MS = 4_000;
export const PING_TIMEOUT_MS = 5_000;
/** A connection that was not renewed for this long is cut off. */
export const CONNECTION_LIFETIME_MS = 60_000;
/** The server asks for a renewal this often; two may fail before the connection ends. */
export const RENEW_INTERVAL_MS = 20_000;
/** An identity assertion lives at most this long. */
export const ASSERTION_LIFETIME_SECONDS = 30;

/** A connection attempt that has not come through after this is given up. */
export const CONNECT_TIMEOUT_MS = 8_000;
/** After a sleep or a change of network the connection must prove itself within this, or another is made. */
export const WAKE_DEADLINE_MS = 2_000;
/** A client asks for a sign of life this often… */
export const PROBE_PERIOD_MS = 4_000;
/** …and takes the link for dead when nothing at all came for this long after it asked: within 10 s, like the server. */
export const PROBE_TIMEOUT_MS = 5_000;

/** First retry at once, then full jitter up to this, for ever. */
export const RECONNECT_MAX_DELAY_MS = 8_000;
/** A client whose connection broke keeps its say on the size for this long; longer than any retry takes to begin. */
export const RETURN_GRACE_MS = RECONNECT_MAX_DELAY_MS + 2_000;

export const MAX_SESSIONS_PER_PERSON = 64;

/** A backend renews the lease of its shard this often; one lease covers all its sessions. */
export const LEASE_RENEW_MS = 10_000;
/** A shard that was not heard of for this long is lost. Keep it above LEASE_RENEW_MS, or a lease that is renewed in time looks stale. */
export const SHARD_LOST_MS = 12_000;
/** Lines above the dividing line of a revived session, and what is stored for them. */
export const TRANSCRIPT_BYTES = 256 * 1024;
