/** A person's own keys as their document `keymap` has them: `{ bindings: [{ keys, action }] }`. */
import type { PreferenceValue } from '../../protocol/preferences.ts';
import { parseKeys, type OwnBinding } from '../ui/keymap.ts';

/** Whatever is no binding is left out: the document may be of a newer app, or written by hand. */
export function ownBindings({ bindings }: PreferenceValue): OwnBinding[] {
  if (!Array.isArray(bindings)) return [];
  return bindings.flatMap((one: unknown) => {
    const { keys, action } = (one ?? {}) as Record<string, unknown>;
    const isBinding = typeof keys === 'string' && (typeof action === 'string' || action === null);
    return isBinding ? [{ keys, action }] : [];
  });
}

/** What is wrong with a person's own line, in a sentence; null when nothing is. */
export function troubleIn({ keys, action }: OwnBinding, isAction: (id: string) => boolean): string | null {
  if (parseKeys(keys) === null)
    return `“${keys}” says no keys: modifiers and a key, such as Ctrl+Shift+K, at most two in turn`;
  if (action !== null && !isAction(action)) return `there is no action “${action}”`;
  return null;
}
