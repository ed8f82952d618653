/** What a person has set, the same on all their devices: a few named JSON documents whose contents only the app understands. */
import { z } from 'zod';
import { endpoint } from './endpoint.ts';

export const PreferenceName = z.enum(['settings', 'keymap', 'layout']);
export type PreferenceName = z.infer<typeof PreferenceName>;

/** One document, as UTF-8 of its JSON. */
export const MAX_PREFERENCE_BYTES = 64 * 1024;
/** Objects and arrays within each other, so that whoever walks through a document may do so by recursion. */
export const MAX_PREFERENCE_DEPTH = 64;

/**
 * Any object: what it holds is checked where it is used. An older app keeps the members that it does not know, and a
 * server keeps all of them.
 */
export const PreferenceValue = z.record(z.string(), z.unknown());
export type PreferenceValue = z.infer<typeof PreferenceValue>;

export const PreferenceDocument = z.object({
  /** A plain string here, because a newer server may know of more documents. */
  name: z.string(),
  /** Counts the changes: 1 is the first. */
  revision: z.number().int().positive(),
  value: PreferenceValue,
  updatedAt: z.iso.datetime(),
});
export type PreferenceDocument = z.infer<typeof PreferenceDocument>;

/** All of the caller's; those that were never set are not among them. */
export const listPreferences = endpoint({
  method: 'GET',
  path: '/api/v1/preferences',
  input: z.object({}),
  output: z.object({
    /** Whose they are: a window that goes on after a change of person must not mix the two. */
    email: z.string(),
    documents: z.array(PreferenceDocument),
  }),
});
/**
 * Takes the place of `revision`; 0 says that there is none yet. When another window was faster it is refused with
 * `preferences.changed`, whose details say the `revision` that is there: read it, merge, and put again.
 */
export const putPreference = endpoint({
  method: 'PUT',
  path: '/api/v1/preferences/:name',
  input: z.object({
    name: PreferenceName,
    revision: z.number().int().min(0).max(2_147_483_646),
    value: PreferenceValue.refine(
      (value) => isWithinDepth(value, MAX_PREFERENCE_DEPTH),
      `more than ${MAX_PREFERENCE_DEPTH} objects within each other`,
    ),
  }),
  output: PreferenceDocument,
});

function isWithinDepth(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.values(value).every((member) => isWithinDepth(member, depth - 1));
}
