/**
 * The pty hosts of this shard as one: the current one, in which new sessions begin, and beside it one of the previous version
 * for as long as it has sessions. Requests and messages find the host that owns their session.
 */
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { HostedSession } from '../ptyhost/hostProtocol.ts';
import { unavailable, type HostEvent, type HostMessage, type HostRequest } from './hostClient.ts';
import { HostLink, type HostAccess, type HostLinkEvents } from './hostLink.ts';
import { worstOf, type HostState } from './hostPulse.ts';

export interface HostsEvents {
  /** These live in a host we are connected to now. */
  onSessions(hostGeneration: string, sessions: HostedSession[]): void;
  /** These are no longer in any host: they are lost. */
  onLost(sessionIds: string[]): void;
  onEvent(event: HostEvent, body: Buffer): void;
  onState(state: HostState): void;
  onFenced(): void;
}

export class Hosts {
  #current: HostLink;
  #previous: HostLink | undefined;
  /** Which host has a session. */
  #owners = new Map<string, HostLink>();
  #generation = '';
  #told: HostState = 'gone';
  #isFenced = false;

  constructor(
    access: { current: HostAccess; previous?: HostAccess },
    private readonly events: HostsEvents,
    clock: Clock,
    log: Log,
  ) {
    const linkEvents: HostLinkEvents = {
      onHost: (link, generation, sessions) => this.#onHost(link, generation, sessions),
      onEvent: (event, body) => events.onEvent(event, body),
      onGone: (link) => this.#onGone(link),
      onState: () => this.#onState(),
      onFenced: () => this.#onFenced(),
    };
    this.#current = new HostLink(access.current, linkEvents, clock, log);
    this.#previous = access.previous && new HostLink(access.previous, linkEvents, clock, log);
  }

  get state(): HostState {
    return worstOf(this.#current.state, this.#previous ? [this.#previous.state] : []);
  }

  /** Names the life of the host in which new sessions begin. */
  get generation(): string {
    return this.#generation;
  }

  /** Resolves when it is known how the hosts are; rejects when there is none and none can be started, or when it would not have us. */
  async open(): Promise<void> {
    await Promise.all([this.#current.open(), this.#previous?.open()]);
  }

  async request<T>(message: HostRequest): Promise<T> {
    if (message.t === 'spawn') this.#owners.set(message.spec.sessionId, this.#current);
    const answer = await this.#ownerOf(message).request<T>(message);
    if (message.t === 'forget') this.#release(message.sessionId);
    return answer;
  }

  requestBytes(message: HostRequest): Promise<Buffer> {
    return this.#ownerOf(message).requestBytes(message);
  }

  tell(message: HostMessage, body?: Uint8Array): void {
    this.#ownerOf(message).tell(message, body);
  }

  /**
   * Resolves when every host that is connected says that it is still ours; rejects when it does not, or when another backend took over.
   * Asked before something is written down that a newer backend may know better: one that was frozen goes on where it stopped.
   */
  async confirm(): Promise<void> {
    if (this.#isFenced) throw unavailable();
    const links = [this.#current, this.#previous].filter((link) => link !== undefined && link.state !== 'gone');
    await Promise.all(links.map((link) => link!.request({ t: 'ping' })));
  }

  close(): void {
    this.#current.close();
    this.#previous?.close();
  }

  /** The session was forgotten. A host of the previous version that has no other is left, and ends itself. */
  #release(sessionId: string): void {
    const link = this.#owners.get(sessionId);
    this.#owners.delete(sessionId);
    if (link) this.#leaveWhenEmpty(link);
  }

  #ownerOf(message: HostRequest | HostMessage): HostLink {
    return ('sessionId' in message ? this.#owners.get(message.sessionId) : undefined) ?? this.#current;
  }

  #onHost(link: HostLink, generation: string, sessions: HostedSession[]): void {
    if (link === this.#current) this.#generation = generation;
    const there = new Set(sessions.map(({ sessionId }) => sessionId));
    this.#lose(link, (sessionId) => !there.has(sessionId));
    for (const sessionId of there) this.#owners.set(sessionId, link);
    this.events.onSessions(generation, sessions);
    this.#leaveWhenEmpty(link);
  }

  #onGone(link: HostLink): void {
    this.#lose(link, () => true);
    this.#leaveWhenEmpty(link);
  }

  #lose(link: HostLink, isLost: (sessionId: string) => boolean): void {
    const owned = [...this.#owners].filter(([sessionId, owner]) => owner === link && isLost(sessionId));
    if (owned.length === 0) return;
    for (const [sessionId] of owned) this.#owners.delete(sessionId);
    this.events.onLost(owned.map(([sessionId]) => sessionId));
  }

  #leaveWhenEmpty(link: HostLink): void {
    if (link !== this.#previous || [...this.#owners.values()].includes(link)) return;
    this.#previous = undefined;
    link.close();
    this.#onState();
  }

  #onState(): void {
    const { state } = this;
    if (state === this.#told) return;
    this.#told = state;
    this.events.onState(state);
  }

  #onFenced(): void {
    if (this.#isFenced) return;
    this.#isFenced = true;
    this.events.onFenced();
  }
}
