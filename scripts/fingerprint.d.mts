/** SHA-256 over everything the build reads. */
export function sourceFingerprint(root: string): string;
