/** Paths as a shell reads them back. */

/** Nothing in it means anything to a shell. Letters of any alphabet are only letters. */
const PLAIN = /^[\p{L}\p{N}\p{M}_@%+=:,./-]+$/u;

export function quoted(path: string): string {
  return PLAIN.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}

/** Several, with a space after each, so that one goes on typing. */
export function pathsText(paths: readonly string[]): string {
  return paths.map((path) => `${quoted(path)} `).join('');
}
