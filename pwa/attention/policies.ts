/** What the person wants to be called for, in their preferences: by default, and where a session has its own way. */
import {
  defaultPolicy,
  ownPolicy,
  POLICY_KEY,
  policyOf,
  SESSION_POLICIES_KEY,
  type AttentionPolicy,
} from '../../protocol/attention.ts';
import type { Preferences } from '../settings/usePreferences.ts';

export function createPolicies({ values, change }: Pick<Preferences, 'values' | 'change'>) {
  const settings = () => values.settings.value;

  function all(): Record<string, unknown> {
    const own = settings()[SESSION_POLICIES_KEY];
    return typeof own === 'object' && own !== null && !Array.isArray(own) ? { ...own } : {};
  }

  function put(next: Record<string, unknown>) {
    change('settings', { [SESSION_POLICIES_KEY]: Object.keys(next).length > 0 ? next : undefined });
  }

  return {
    /** In force. */
    of: (sessionId: string) => policyOf(settings(), sessionId),
    default: () => defaultPolicy(settings()),
    setDefault: (policy: AttentionPolicy) => change('settings', { [POLICY_KEY]: policy }),
    /** Null: as the default. */
    own: (sessionId: string) => ownPolicy(settings(), sessionId),
    setOwn(sessionId: string, policy: AttentionPolicy | null) {
      const { [sessionId]: _before, ...others } = all();
      put(policy === null ? others : { ...others, [sessionId]: policy });
    },
    /**
     * Forgets those of sessions that are no more. What is set may be newer than the list that a window has, so a session that is
     * missing there is looked for in a new one. Rejects, forgetting nothing, when that cannot be had.
     */
    async prune(isListed: (sessionId: string) => boolean, list: () => Promise<readonly { id: string }[]>) {
      const missing = Object.keys(all()).filter((sessionId) => !isListed(sessionId));
      if (missing.length === 0) return;
      const there = new Set((await list()).map(({ id }) => id));
      const gone = new Set(missing.filter((sessionId) => !there.has(sessionId)));
      if (gone.size > 0) put(Object.fromEntries(Object.entries(all()).filter(([sessionId]) => !gone.has(sessionId))));
    },
  };
}

export type Policies = ReturnType<typeof createPolicies>;
