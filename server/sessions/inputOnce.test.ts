// The client's attachment, the shard's sockets and the pty host's ledger as they are, with everything between them at our mercy.
import { EventEmitter } from 'node:events';
import { fc } from '../testing/property.ts';
import { expect, test } from 'vitest';
import { ClientAttachment, type AttachmentLink } from '../../client/attachment.ts';
import { AppError } from '../../protocol/errors.ts';
import { silentLog } from '../base/log.ts';
import type { HostMessage } from './hostClient.ts';
import { InputLedger } from '../ptyhost/inputLedger.ts';
import type { HoldfastSocket } from '../sockets/socketServer.ts';
import { ManualClock } from '../testing/manualClock.ts';
import type { LiveSession } from './liveSession.ts';
import { SessionSockets } from './sessionSocket.ts';
import type { SessionRegistry } from './sessionRegistry.ts';
import type { SessionService } from './sessionService.ts';

const SESSION = '00000000-0000-4000-8000-000000000000';
const OWNER = 'ada@example.com';

type Run = () => void;
type Listener = (...args: unknown[]) => void;

/** One incarnation's pty: takes input as the pty host does, and writes it when told to. */
class Pty {
  readonly ledger = new InputLedger();
  text = '';
  #accepted: Run[] = [];

  constructor(readonly incarnation: number) {}

  input(attachmentId: string, seq: number, bytes: Uint8Array, tellWritten: (seq: number) => void): void {
    const tell = () => tellWritten(this.ledger.written(attachmentId));
    const verdict = this.ledger.offer(attachmentId, seq);
    if (verdict === 'duplicate') tell();
    if (verdict !== 'accept') return;
    this.#accepted.push(() => {
      this.text += new TextDecoder().decode(bytes);
      this.ledger.wrote(attachmentId, seq);
      tell();
    });
  }

  write(count: number): void {
    for (const run of this.#accepted.splice(0, count)) run();
  }
}

/** One connection: what was sent and has not arrived, either way. */
interface Line {
  up: Run[];
  down: Run[];
  /** The client's end; the server's may live on for a while without knowing. */
  isUp: boolean;
  server: EventEmitter;
}

class World {
  readonly clock = new ManualClock();
  readonly ptys: Pty[] = [new Pty(1)];
  line: Line | undefined;
  /** Cut, but the server has not noticed. */
  zombies: Line[] = [];
  droppedBytes = 0;
  lostBytes = 0;
  /** What was typed, by the incarnation it was typed for; 0 when none was known. */
  typed: { incarnation: number; token: string }[] = [];
  attachment: ClientAttachment;
  #toHost: Run[] = [];
  #live!: LiveSession;
  #sockets!: SessionSockets;
  #handle = 0;
  #link: AttachmentLink;

  constructor() {
    this.startBackend();
    this.#link = {
      status: { shardId: 'backend-1' },
      isOnline: false,
      socket: { emit: (...message: unknown[]) => this.#emit(message) } as unknown as AttachmentLink['socket'],
    };
    this.attachment = new ClientAttachment(
      SESSION,
      'backend-1',
      {
        from: 0,
        onOutput: () => undefined,
        onHeld: () => undefined,
        onInputLost: (bytes) => (this.lostBytes += bytes),
      },
      {
        clock: this.clock,
        connectionTo: () => this.#link,
        newHandle: () => ++this.#handle,
        ended: () => expect.unreachable('nothing here ends an attachment'),
      },
    );
  }

  get pty(): Pty {
    return this.ptys.at(-1)!;
  }

  /** The backend of before is gone with all it had not passed on; the pty host is not. */
  startBackend(): void {
    this.#toHost = [];
    this.#adopt();
    const registry = {
      get: () => this.#live,
      host: {
        request: (_: unknown) => new Promise((resolve) => this.#toHost.push(() => resolve(this.#attachState()))),
        tell: (message: HostMessage, bytes: Uint8Array) => this.#tellHost(message, bytes),
      },
      resize: () => Promise.resolve(),
      screens: { appearanceOf: () => undefined, usedBy: () => undefined },
    } as unknown as SessionRegistry;
    const service = {} as SessionService;
    this.#sockets = new SessionSockets(registry, service, (error) => error, this.clock, silentLog);
  }

  /** The session's next pty; the backend goes on. */
  revive(areViewersTold = true): void {
    const before = this.#live;
    this.ptys.push(new Pty(this.ptys.length + 1));
    this.#adopt();
    if (areViewersTold) this.#sockets.ended(before, new AppError('attachment.not_found', 'this pty is no more'));
  }

  type(token: string): void {
    this.typed.push({ incarnation: this.attachment.incarnation, token });
    this.attachment.write(token);
  }

  connect(): void {
    if (this.line) return;
    const server = Object.assign(new EventEmitter(), {
      id: 'socket',
      connected: true,
      data: { caller: { email: OWNER } },
    });
    const line: Line = { up: [], down: [], isUp: true, server };
    const toClient = (...message: unknown[]) => line.down.push(() => line.isUp && this.#hear(message));
    const listen = server.on.bind(server);
    this.#sockets.connect(
      Object.assign(Object.create(server) as object, {
        on: (event: string, listener: Listener) => listen(event, listener),
        emit: (...message: unknown[]) => toClient(...message),
      }) as unknown as HoldfastSocket,
    );
    this.line = line;
    (this.#link as { isOnline: boolean }).isOnline = true;
    this.attachment.online();
  }

  /** Connects, and the answer comes back. */
  async attach(): Promise<void> {
    this.connect();
    await this.deliver(this.line?.up, Infinity);
    await this.host(Infinity);
    await this.deliver(this.line?.down, Infinity);
  }

  cut(): void {
    if (!this.line) return;
    this.line.isUp = false;
    this.zombies.push(this.line);
    this.line = undefined;
    (this.#link as { isOnline: boolean }).isOnline = false;
    this.attachment.offline();
  }

  crash(): void {
    this.cut();
    this.zombies = [];
    this.startBackend();
  }

  /** The server finds that a connection is dead. */
  notice(): void {
    const zombie = this.zombies.shift();
    if (!zombie) return;
    Object.assign(zombie.server, { connected: false });
    zombie.server.emit('disconnect');
  }

  async deliver(queue: Run[] | undefined, count: number): Promise<void> {
    for (const run of queue?.splice(0, count) ?? []) run();
    await settle();
  }

  host(count: number): Promise<void> {
    return this.deliver(this.#toHost, count);
  }

  /** Everything arrives, until nothing more happens. */
  async calm(): Promise<void> {
    for (let round = 0; round < 8; round++) {
      this.connect();
      this.clock.advance(2_000);
      for (let i = 0; i < 8; i++) {
        await this.deliver(this.line?.up, Infinity);
        await this.host(Infinity);
        this.pty.write(Infinity);
        await this.deliver(this.line?.down, Infinity);
        this.attachment.sendHeld();
      }
    }
  }

  #adopt(): void {
    const { incarnation } = this.pty;
    const feed = { end: 0, addReader: () => ({ next: 0, ack: () => undefined, close: () => undefined }) };
    this.#live = {
      id: SESSION,
      incarnation,
      ownerEmail: OWNER,
      state: 'running',
      cols: 80,
      rows: 24,
      feed,
    } as unknown as LiveSession;
  }

  #attachState() {
    return { writtenSeq: this.pty.ledger.written(this.attachment.attachmentId), start: 0, end: 0 };
  }

  #tellHost(message: HostMessage, bytes: Uint8Array): void {
    if (message.t !== 'input') return;
    const { attachmentId, seq } = message;
    // The host's socket keeps its order: what was sent before a revival arrives before it. What was written, the host tells
    // whoever controls it then.
    const { pty } = this;
    this.#toHost.push(() =>
      pty.input(attachmentId, seq, bytes, (written) => this.#sockets.written(SESSION, attachmentId, written)),
    );
  }

  #emit([event, ...args]: unknown[]): void {
    const { line } = this;
    const reply = typeof args.at(-1) === 'function' ? (args.pop() as Listener) : undefined;
    const answer = reply && ((...answers: unknown[]) => line?.down.push(() => line.isUp && reply(...answers)));
    line?.up.push(() => line.server.emit(event as string, ...args, ...(answer ? [answer] : [])));
  }

  #hear([event, first, ...rest]: unknown[]): void {
    const { handle } = typeof first === 'number' ? { handle: first } : (first as { handle: number });
    if (handle !== this.attachment.handle) return;
    const message = first as { seq: number; error: { code: 'internal'; message: string } };
    if (event === 'written') this.attachment.written(message.seq);
    else if (event === 'refused' || event === 'detached') this.attachment.refused(message.error);
    void rest;
  }
}

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

const some = fc.integer({ min: 1, max: 5 });
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('type' as const), count: some }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('up' as const), count: some }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('down' as const), count: some }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('host' as const), count: some }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('write' as const), count: some }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('attach' as const), count: some }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('cut' as const), count: some }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('late' as const), count: some }) },
  fc.record({ do: fc.constantFrom('notice', 'crash', 'revive', 'drop', 'send', 'wait'), count: some }),
);

async function carryOut(world: World, one: { do: string; count: number }, nextToken: () => string): Promise<void> {
  if (one.do === 'type') for (let i = 0; i < one.count; i++) world.type(nextToken());
  else if (one.do === 'up') await world.deliver(world.line?.up, one.count);
  else if (one.do === 'late') await world.deliver(world.zombies[0]?.up, one.count);
  else if (one.do === 'down') await world.deliver(world.line?.down, one.count);
  else if (one.do === 'host') await world.host(one.count);
  else if (one.do === 'write') world.pty.write(one.count);
  else if (one.do === 'attach') await world.attach();
  else if (one.do === 'cut') world.cut();
  else if (one.do === 'notice') world.notice();
  else if (one.do === 'crash') world.crash();
  else if (one.do === 'revive') world.revive();
  else if (one.do === 'drop') world.droppedBytes += world.attachment.dropHeld();
  else if (one.do === 'send') world.attachment.sendHeld();
  else world.clock.advance(one.count * 4_000);
  await settle();
}

test('under cuts, late and doubled frames, crashes and new incarnations each key arrives once, in order, in its own pty, or is told as lost', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
      const world = new World();
      let count = 0;
      const nextToken = () => String(count++).padStart(3, '0');
      for (const one of steps) await carryOut(world, one, nextToken);
      await world.calm();
      const arrived = world.ptys.map(({ text }) => (text.match(/.../g) ?? []) as string[]);
      for (const tokens of arrived) expect(tokens).toEqual([...new Set<string>(tokens)].sort());
      for (const { incarnation, token } of world.typed) {
        const where = world.ptys.filter((_, i) => arrived[i]!.includes(token)).map((pty) => pty.incarnation);
        if (incarnation > 0) expect([[], [incarnation]]).toContainEqual(where);
        expect(where.length).toBeLessThan(2);
      }
      const missing = world.typed.length - arrived.flat().length;
      expect(missing * 3).toBeLessThanOrEqual(world.droppedBytes + world.lostBytes);
      expect(world.attachment.pendingBytes).toBe(0);
      const isUntouched = world.ptys.length === 1 && world.droppedBytes === 0;
      if (isUntouched) expect(arrived.flat()).toEqual(world.typed.map(({ token }) => token));
    }),
    { numRuns: 300 },
  );
});

test('a key that was on its way when its pty gave way to the next never reaches that one, and is told as lost', async () => {
  const world = new World();
  await world.attach();
  world.type('old');
  await settle();
  world.revive(false);
  await world.deliver(world.line?.up, Infinity);
  await world.host(Infinity);
  world.pty.write(Infinity);
  await world.calm();
  expect([world.ptys.map(({ text }) => text), world.lostBytes]).toEqual([['', ''], 3]);
});

test('a request of a dead connection that arrives after that of the living one does not end it', async () => {
  const world = new World();
  world.connect();
  world.cut();
  await world.attach();
  await world.deliver(world.zombies[0]?.up, Infinity);
  await world.host(Infinity);
  world.type('key');
  await world.calm();
  expect([world.pty.text, world.attachment.state]).toEqual(['key', 'live']);
});
