/** What the sessions of this shard tell their people, until it was looked at: told once, however often a program repeats it. */
import { heavier, isHeavier, type HeardSignal, type SessionSignal } from '../../protocol/attention.ts';
import type { Look } from '../../protocol/terminal.ts';
import type { SignalNews } from './attentionStore.ts';
import { inViewOf, type Looks } from './looks.ts';

export interface SignalSource {
  id: string;
  incarnation: number;
  ownerEmail: string;
  projectId: string | null;
  name: string;
  state: string;
}

export interface HeardPiece {
  offset: number;
  signal: HeardSignal | null;
  closed: string[];
}

export interface SignalTargets {
  /** To every window of the person, wherever it is connected. */
  tell: (news: SignalNews) => void;
  /** Nobody looks at it: the person may have to be called elsewhere. */
  call: (session: SignalSource, signal: SessionSignal) => void;
  now: () => number;
  /** How this program's bell is to be understood; null when nothing is known of it. */
  agentName: (session: SignalSource) => string | null;
}

interface Unseen extends SessionSignal {
  ownerEmail: string;
}

export class SessionSignals {
  #unseen = new Map<string, Unseen>();

  constructor(
    private readonly looks: Pick<Looks, 'isLookedAt'>,
    private readonly targets: SignalTargets,
  ) {}

  /** What a person has not looked at yet: for a window that is new. */
  unseenOf(email: string): SessionSignal[] {
    return [...this.#unseen.values()].flatMap(({ ownerEmail, ...signal }) => (ownerEmail === email ? [signal] : []));
  }

  heard(session: SignalSource, { offset, signal, closed }: HeardPiece): void {
    const before = this.#unseen.get(session.id);
    if (before?.name && closed.includes(before.name)) this.#saw(before);
    if (!signal || session.state !== 'running' || this.looks.isLookedAt(session.ownerEmail, session.id)) return;
    const told = this.#unseen.get(session.id);
    const understood = this.#understood(session, signal);
    // While one stands, a bell says nothing more: a program that rings without end costs nobody anything.
    if (told && signal.kind === 'bell' && !isHeavier(understood.kind, told.kind)) return;
    const { id: sessionId, incarnation, ownerEmail } = session;
    const { now, tell, call } = this.targets;
    const news = { sessionId, incarnation, offset, at: now(), ...understood };
    const standing = heavier<SessionSignal>(told?.incarnation === incarnation ? told : null, news);
    this.#unseen.set(sessionId, { ...standing, incarnation, offset, ownerEmail });
    tell({ email: ownerEmail, signal: news });
    call(session, news);
  }

  /** Someone looks at sessions; of another person, or of another shard, they are nothing. */
  looked(email: string, look: Look): void {
    if (!look.isAlive) return;
    for (const sessionId of inViewOf(look)) {
      const unseen = this.#unseen.get(sessionId);
      if (unseen?.ownerEmail === email) this.#saw(unseen);
    }
  }

  /** It has ended, or is no longer ours. */
  forget(sessionId: string): void {
    this.#unseen.delete(sessionId);
  }

  #saw({ sessionId, incarnation, offset, ownerEmail }: Unseen): void {
    this.#unseen.delete(sessionId);
    this.targets.tell({ email: ownerEmail, seen: { sessionId, incarnation, offset } });
  }

  #understood(session: SignalSource, signal: HeardSignal): HeardSignal {
    const agent = signal.kind === 'bell' ? this.targets.agentName(session) : null;
    return agent ? { ...signal, kind: 'needsInput', text: `${agent} waits for you` } : signal;
  }
}
