/** The person's own lines of the keymap as they are written by hand: what cannot be, and what becomes of the lines that were there. Pure. */
import { Keymap, parseKeys, type OwnBinding } from '../ui/keymap.ts';
import { MAX_OWN_BINDINGS } from './keyTable.ts';
import { ownBindings, troubleIn } from './ownBindings.ts';

type Own = readonly OwnBinding[];

/** @returns the lines, or why they are none */
export function linesWritten(text: string): OwnBinding[] | string {
  try {
    const { bindings } = JSON.parse(text) as { bindings?: unknown };
    if (!Array.isArray(bindings)) return 'It must be { "bindings": [ … ] }.';
    const lines = ownBindings({ bindings });
    if (lines.length < bindings.length)
      return 'Each line must be { "keys": "…", "action": "…" }, or with null as action.';
    return lines.length > MAX_OWN_BINDINGS ? `More than ${MAX_OWN_BINDINGS} lines are no keymap.` : lines;
  } catch (error) {
    return (error as Error).message;
  }
}

/**
 * What is changed of the lines that were shown is changed of those that are there now. Which line is which is told by its keys:
 * those that another window gave, took or gave back meanwhile stay as they are there.
 */
export function editedLines(now: Own, shown: Own, edited: Own): OwnBinding[] {
  const [before, here] = [actionsByKeys(shown), actionsByKeys(now)];
  const kept = edited.flatMap((line) => {
    const keys = keysIn(line);
    if (before.get(keys) !== line.action) return [line];
    const action = here.get(keys);
    return action === undefined ? [] : [{ ...line, action }];
  });
  const mentioned = new Set([...shown, ...edited].map(keysIn));
  return [...kept, ...now.filter((line) => !mentioned.has(keysIn(line)))];
}

const keysIn = ({ keys }: OwnBinding) => parseKeys(keys) ?? keys;
const actionsByKeys = (lines: Own) => new Map(lines.map((line) => [keysIn(line), line.action]));

/** What cannot be of these lines, a sentence each. @param titleOf an action */
export function troublesIn(own: Own, isAction: (id: string) => boolean, titleOf: (id: string) => string): string[] {
  const { bindings } = new Keymap(own);
  return own.flatMap((line, at) => {
    const trouble = troubleIn(line, isAction);
    if (trouble !== null) return [trouble];
    const keys = keysIn(line);
    if (own.findIndex((one) => keysIn(one) === keys) < at) return [`${keys} stands in more than one line`];
    const [first, second] = keys.split(' ') as [string, string?];
    const alone = bindings.find((one) => one.keys === first && !one.when);
    if (line.action === null || second === undefined || !alone) return [];
    return [`the second key of ${keys} would never be waited for: ${first} is “${titleOf(alone.action)}” by itself`];
  });
}
