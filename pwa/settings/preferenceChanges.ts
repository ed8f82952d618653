/**
 * What was changed in a document, key by key: the difference of two values, laid upon a third. So two devices that changed
 * different keys both keep theirs, and where it was the same key the one that comes later holds.
 */
import type { PreferenceValue } from '../../protocol/preferences.ts';

/** By top-level key its new value, or undefined where it was removed. Copied by IndexedDB and between windows as it is. */
export type Changes = Record<string, unknown>;

export function applied(value: PreferenceValue, changes: Changes): PreferenceValue {
  // A Map keeps the place of a key that is set again, and knows no prototype.
  const members = new Map(Object.entries(value));
  for (const [key, member] of Object.entries(changes)) {
    if (member === undefined) members.delete(key);
    else members.set(key, member);
  }
  return Object.fromEntries(members);
}

/** What leads from one value to the other. */
export function difference(from: PreferenceValue, to: PreferenceValue): Changes {
  const removed = Object.keys(from).filter((key) => !Object.hasOwn(to, key));
  const set = Object.entries(to).filter(([key, member]) => !Object.hasOwn(from, key) || !isSame(from[key], member));
  return Object.fromEntries([...removed.map((key) => [key, undefined] as const), ...set]);
}

/** The changes that are still to be sent after `sent` was: a key that was changed again meanwhile stays. */
export function without(changes: Changes, sent: Changes): Changes {
  const isLeft = ([key, member]: [string, unknown]) => !Object.hasOwn(sent, key) || !isSame(sent[key], member);
  return Object.fromEntries(Object.entries(changes).filter(isLeft));
}

export const isNothing = (changes: Changes) => Object.keys(changes).length === 0;

/** Equal as JSON, in whatever order their members stand. */
export function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const [ours, theirs] = [Object.entries(one), other as Record<string, unknown>];
  return (
    ours.length === Object.keys(theirs).length &&
    ours.every(([key, member]) => Object.hasOwn(theirs, key) && isSame(member, theirs[key]))
  );
}
