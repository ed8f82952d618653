/** The code and the sentence of anything thrown, without loading the error table for it. */

export function codeOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

/** Who the person is could not be shown, or no longer: sign in again. */
export function isAuthError(error: unknown): boolean {
  return codeOf(error)?.startsWith('AUTH_') ?? false;
}

/** A sentence for a person. What has no code of ours is a failure to reach the server. */
export function sentenceOf(error: unknown): string {
  if (codeOf(error) === null) return 'Holdfast could not be reached.';
  const message = error instanceof Error ? error.message : '';
  if (message === '') return 'Something failed.';
  const sentence = message[0]!.toUpperCase() + message.slice(1);
  return /[.!?…]$/.test(sentence) ? sentence : `${sentence}.`;
}
