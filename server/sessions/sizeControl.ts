/** Keeps each pty at the size that sizePolicy.ts decides, as clients come, go, and are used. */
import { RETURN_GRACE_MS } from '../../protocol/limits.ts';
import type { Clock } from '../base/clock.ts';
import type { LiveSession } from './liveSession.ts';
import { controllerOf, sizeFor, type Claim, type Size } from './sizePolicy.ts';

interface State {
  claims: Map<string, Claim>;
  /** The attachment that decides. */
  controller: string | null;
  /** What was last asked of the pty, until it was refused. */
  asked: Size | null;
  /** Ends the wait of claims that do not count yet, or of clients that may come back. */
  cancels: Map<string, () => void>;
}

export interface SizeActions {
  /** Rejects when the pty cannot have it. */
  resize(session: LiveSession, size: Size): Promise<void>;
  /** Who decides has changed, and the size has not. */
  controlChanged(session: LiveSession): void;
}

/** What an attaching client says of itself, in this machine's time. */
export interface Arrival extends Omit<Claim, 'countsFrom'> {
  /** Undefined when its person has just attached it; else whether it decided before its connection broke. */
  wasInControl: boolean | undefined;
}

export class SizeControl {
  #states = new WeakMap<LiveSession, State>();

  constructor(
    private readonly actions: SizeActions,
    private readonly clock: Clock,
  ) {}

  isInControl(session: LiveSession, attachmentId: string): boolean {
    return this.#states.get(session)?.controller === attachmentId;
  }

  enter(session: LiveSession, { wasInControl, ...claim }: Arrival): void {
    const state = this.#of(session);
    const { attachmentId } = claim;
    const known = state.claims.get(attachmentId);
    this.#forgetTimer(state, attachmentId);
    // One that this backend still knows comes back to what it was; of one from before a restart its own word is all there is.
    const mustWait = known ? known.countsFrom > this.clock.now() : wasInControl === false;
    const countsFrom = mustWait ? this.clock.now() + RETURN_GRACE_MS : 0;
    state.claims.set(attachmentId, { ...claim, countsFrom });
    if (mustWait) this.#later(session, state, attachmentId, () => undefined);
    void this.#decide(session, state);
  }

  /** Detached by its person. */
  leave(session: LiveSession, attachmentId: string): void {
    const state = this.#of(session);
    this.#forgetTimer(state, attachmentId);
    if (state.claims.delete(attachmentId)) void this.#decide(session, state);
  }

  /** Its connection broke: it keeps its say for as long as it may take to come back. */
  lost(session: LiveSession, attachmentId: string): void {
    const state = this.#of(session);
    if (!state.claims.has(attachmentId)) return;
    this.#forgetTimer(state, attachmentId);
    this.#later(session, state, attachmentId, () => state.claims.delete(attachmentId));
  }

  used(session: LiveSession, attachmentId: string): void {
    const state = this.#of(session);
    const claim = state.claims.get(attachmentId);
    if (!claim) return;
    claim.usedAt = this.clock.now();
    claim.countsFrom = 0;
    if (state.controller !== attachmentId) void this.#decide(session, state);
  }

  /** What its person sees changed by itself. */
  viewed(session: LiveSession, attachmentId: string, view: { visible: boolean; size?: Size | undefined }): void {
    const state = this.#of(session);
    const claim = state.claims.get(attachmentId);
    if (!claim) return;
    claim.isVisible = view.visible;
    if (view.size) claim.size = view.size;
    void this.#decide(session, state);
  }

  /** Its person wants this size. Resolves when the pty has it, or at once when another decides. @throws AppError when the pty cannot */
  async resized(session: LiveSession, attachmentId: string, size: Size): Promise<void> {
    const state = this.#of(session);
    const claim = state.claims.get(attachmentId);
    if (!claim) return;
    Object.assign(claim, { size, usedAt: this.clock.now(), countsFrom: 0 } satisfies Partial<Claim>);
    await this.#decide(session, state, true);
  }

  /** @param mustAnswer ask the pty also when nothing is to be changed: the answer says when it has the size, or why it cannot */
  #decide(session: LiveSession, state: State, mustAnswer = false): Promise<void> {
    const now = this.clock.now();
    const claims = [...state.claims.values()];
    const controller = controllerOf(claims, now)?.attachmentId ?? null;
    const hasChanged = controller !== state.controller;
    state.controller = controller;
    const size = sizeFor(claims, now);
    const present = state.asked ?? session;
    const isNew = size !== null && (size.cols !== present.cols || size.rows !== present.rows);
    // A new size is told to everyone when the pty has it, together with who decides.
    if (hasChanged && !isNew) this.actions.controlChanged(session);
    return size && (isNew || mustAnswer) ? this.#ask(session, state, size, mustAnswer) : Promise.resolve();
  }

  async #ask(session: LiveSession, state: State, size: Size, mustAnswer: boolean): Promise<void> {
    state.asked = size;
    try {
      await this.actions.resize(session, size);
    } catch (error) {
      if (state.asked === size) state.asked = null;
      if (mustAnswer) throw error; // else nobody waits: an ended program needs no size, and a lost host is told elsewhere
    }
  }

  #later(session: LiveSession, state: State, attachmentId: string, run: () => void): void {
    const cancel = this.clock.after(RETURN_GRACE_MS, () => {
      state.cancels.delete(attachmentId);
      run();
      void this.#decide(session, state);
    });
    state.cancels.set(attachmentId, cancel);
  }

  #forgetTimer(state: State, attachmentId: string): void {
    state.cancels.get(attachmentId)?.();
    state.cancels.delete(attachmentId);
  }

  #of(session: LiveSession): State {
    const known = this.#states.get(session);
    if (known) return known;
    const state: State = { claims: new Map(), controller: null, asked: null, cancels: new Map() };
    this.#states.set(session, state);
    return state;
  }
}
