/** Types of the test program, which is plain JavaScript so that a session can run it as it is. */
export function numberedLines(totalBytes: number): Generator<Buffer>;
/** SHA-256 of all of it, in hex. */
export function hashOf(totalBytes: number): string;
