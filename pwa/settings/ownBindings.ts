/** A person's own keys as their document `keymap` has them: `{ bindings: [{ keys, action }] }`. */
import type { PreferenceValue } from '../../protocol/preferences.ts';
import type { OwnBinding } from '../ui/keymap.ts';

/** Whatever is no binding is left out: the document may be of a newer app, or written by hand. */
export function ownBindings({ bindings }: PreferenceValue): OwnBinding[] {
  if (!Array.isArray(bindings)) return [];
  return bindings.flatMap((one: unknown) => {
    const { keys, action } = (one ?? {}) as Record<string, unknown>;
    const isBinding = typeof keys === 'string' && (typeof action === 'string' || action === null);
    return isBinding ? [{ keys, action }] : [];
  });
}
