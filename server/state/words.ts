/** What a person is told about what was put back, above the line that divides two lives of a session. */
import type { RestoredConversation } from './agentFiles.ts';
import type { RestoredWork } from './git/restoreWork.ts';
import type { LeftOut, Manifest } from './manifest.ts';

/** So many are named; the others are counted. */
const NAMED = 5;

/** Nothing is said of what is as it was. @param wasEmpty the session's directory had nothing in it */
export function restoredWords(
  { takenAt, work: storedWork, leftOut }: Manifest,
  conversation: RestoredConversation | undefined,
  work: RestoredWork | undefined,
  wasEmpty: boolean,
): string[] {
  const words: string[] = [];
  if (conversation === 'restored') words.push('The conversation was restored from the state store.');
  if (conversation === 'replaced') words.push('The conversation was brought forward from the state store.');
  if (work?.sentence) words.push(work.sentence);
  if (!storedWork && wasEmpty && leftOut.length === 0)
    words.push('Its directory was in no git repository, so its files were not stored.');
  if (words.length === 0) return [];
  if (leftOut.length > 0) {
    words.push(`Not stored: ${leftOutWords(leftOut)}.`);
  }
  const time = new Date(takenAt).toISOString().slice(0, 16).replace('T', ' ');
  return [...words, `It was stored at ${time} UTC; what was changed after that is not in it.`].map(harmless);
}

/** `a.bin (too large), b.bin (too large) and 3 more` */
export function leftOutWords(leftOut: readonly LeftOut[]): string {
  const named = leftOut.slice(0, NAMED).map(({ what, why }) => `${what} (${why})`);
  return harmless(named.join(', ') + (leftOut.length > NAMED ? ` and ${leftOut.length - NAMED} more` : ''));
}

/** Names of files are a person's, and may hold anything; a terminal would carry it out. */
function harmless(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, '?').slice(0, 1000);
}
