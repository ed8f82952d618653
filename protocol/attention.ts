/**
 * What programs tell their person, as the shard hears it in a session's output, and for which of it the person wants to be
 * called. Pure, and without zod: the app has it early.
 */

/**
 * `needsInput` goes on only with its person, `notice` is a text of the program's own, `done` and `failed` are the end of a
 * long command, where the shell marks its commands.
 */
export type SignalKind = 'bell' | 'done' | 'notice' | 'failed' | 'needsInput';

/** What was heard in one piece of output. */
export interface HeardSignal {
  kind: SignalKind;
  /** One line, for a tooltip and a notification. */
  text: string;
  /** When the program wants it to be seen: always, while its terminal has no focus, or while it is not in view (OSC 99). */
  when: 'always' | 'unfocused' | 'invisible';
  /** The program's own name for it, by which it can take it back. */
  name: string | null;
}

export interface SessionSignal extends HeardSignal {
  sessionId: string;
  incarnation: number;
  /** Where in the output it ends. With session and incarnation it names the signal, which nobody is told twice. */
  offset: number;
  /** ms since the epoch, by the shard's clock. */
  at: number;
}

/** Everything that a session told up to `offset` needs nobody any more: it was looked at, or taken back. */
export interface SeenSignals {
  sessionId: string;
  incarnation: number;
  offset: number;
}

/** What a person's devices are called for, while no window of theirs shows life. */
export interface PushNote {
  signal: SessionSignal;
  sessionName: string;
  /** Null: of no project. */
  projectName: string | null;
}

/** A command that takes less is still being waited for by whoever typed it. */
export const LONG_COMMAND_MS = 30_000;
/** Longer texts are cut. */
export const MAX_SIGNAL_TEXT_CHARS = 300;
/** Whoever did nothing in a window for so long is not taken to look at it. */
export const IDLE_MS = 120_000;

export const signalId = ({ sessionId, incarnation, offset }: SeenSignals): string =>
  `${sessionId}.${incarnation}.${offset}`;

export function isAfter(one: SeenSignals, other: SeenSignals): boolean {
  return one.incarnation > other.incarnation || (one.incarnation === other.incarnation && one.offset > other.offset);
}

const WEIGHT: Record<SignalKind, number> = { bell: 0, done: 1, notice: 2, failed: 3, needsInput: 4 };

export const isHeavier = (one: SignalKind, other: SignalKind): boolean => WEIGHT[one] > WEIGHT[other];

/** What stands when another comes before anybody looked: a bell beside a notice says nothing more. */
export function heavier<Heard extends HeardSignal>(before: Heard | null | undefined, next: Heard): Heard {
  const isUpdate = next.name !== null && next.name === before?.name;
  return before && !isUpdate && isHeavier(before.kind, next.kind) ? before : next;
}

/** What a person wants to be called for. */
export const POLICIES = ['all', 'needsMe', 'nothing'] as const;
export type AttentionPolicy = (typeof POLICIES)[number];
/** Members of the document `settings`: the person's own default, and by session id what is otherwise. */
export const POLICY_KEY = 'attention';
export const SESSION_POLICIES_KEY = 'attentionOf';

const asPolicy = (value: unknown): AttentionPolicy | null => POLICIES.find((policy) => policy === value) ?? null;

export function defaultPolicy(settings: Readonly<Record<string, unknown>>): AttentionPolicy {
  return asPolicy(settings[POLICY_KEY]) ?? 'all';
}

/** Null: as the default. */
export function ownPolicy(settings: Readonly<Record<string, unknown>>, sessionId: string): AttentionPolicy | null {
  const own = settings[SESSION_POLICIES_KEY];
  return typeof own === 'object' && own !== null && Object.hasOwn(own, sessionId)
    ? asPolicy((own as Record<string, unknown>)[sessionId])
    : null;
}

export function policyOf(settings: Readonly<Record<string, unknown>>, sessionId: string): AttentionPolicy {
  return ownPolicy(settings, sessionId) ?? defaultPolicy(settings);
}

export function isWanted(kind: SignalKind, policy: AttentionPolicy): boolean {
  if (policy === 'needsMe') return kind === 'needsInput' || kind === 'failed';
  return policy === 'all';
}
