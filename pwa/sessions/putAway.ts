/** What may be asked before a session is put away, and what follows from the answers. */
import { codeOf, sentenceOf } from '../ui/errorText.ts';

/** How a session is put away: without asking for more than this. */
export interface PutAwayTerms {
  onlyIfIdle?: boolean;
  evenIfNotStored?: boolean;
}

/** A refusal that its person may set aside. */
export interface Doubt {
  sentence: string;
  action: string;
  /** With which it is done all the same. */
  terms: PutAwayTerms;
}

/** It went on, because not all of it could be stored. */
const UNSTORED = new Set(['state.incomplete', 'state.unavailable', 'state.unreadable', 'screen.unavailable']);

/** null for a failure that no answer changes. */
export function doubtOf(error: unknown): Doubt | null {
  const code = codeOf(error) ?? '';
  if (code === 'session.busy') {
    const sentence = 'Something runs in it, and is ended. Its lines stay; woken, it begins anew below them.';
    return { sentence, action: 'End and put away', terms: {} };
  }
  if (!UNSTORED.has(code)) return null;
  const sentence = `It goes on running: ${lowerFirst(sentenceOf(error))} What is not stored may be missing when it is woken.`;
  return { sentence, action: 'Put away anyway', terms: { evenIfNotStored: true } };
}

const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);
