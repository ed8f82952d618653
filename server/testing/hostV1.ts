/**
 * A pty host as the release before spoke it (protocol version 1), small but real: for the tests of a newer backend beside it.
 * Run as a program with its settings as one JSON line on stdin: { socketPath, key }. It ends when it has neither session nor backend.
 */
import { createServer, type Socket } from 'node:net';
import { encodeFrame, FrameReader } from '../base/frames.ts';
import { spawnPty, type Pty } from '../ptyhost/pty.ts';
import type { PtySpec } from '../ptyhost/hostProtocol.ts';

// The frames of version 1 as they were, not as they are: nothing of today's protocol is imported for them.
type Message = { t: string; id: number; sessionId: string; from: number; seq: number; attachmentId: string } & {
  version: number;
  key: string;
  cols: number;
  rows: number;
  spec: PtySpec & { sessionId: string; incarnation: number; label: string };
};

interface Session {
  spec: Message['spec'];
  pty: Pty;
  output: Buffer;
  exit: unknown;
  accepted: Map<string, number>;
}

let text = '';
for await (const chunk of process.stdin) text += String(chunk);
const settings = JSON.parse(text) as { socketPath: string; key: string };
const sessions = new Map<string, Session>();
let controller: Socket | undefined;

const send = (message: object, body?: Buffer) => controller?.write(encodeFrame(message, body));

function describe({ spec, pty, output, exit }: Session) {
  const { sessionId, incarnation, cols, rows, label } = spec;
  return { sessionId, incarnation, pid: pty.pid, cols, rows, label, start: 0, end: output.length, exit };
}

function spawn(spec: Message['spec']) {
  const { sessionId } = spec;
  const session = {
    spec,
    output: Buffer.alloc(0),
    exit: null,
    accepted: new Map<string, number>(),
  } as unknown as Session;
  session.pty = spawnPty(spec, {
    onOutput(bytes) {
      const offset = session.output.length;
      session.output = Buffer.concat([session.output, bytes]);
      send({ t: 'output', sessionId, offset }, bytes);
    },
    onExit(exit) {
      session.exit = exit;
      send({ t: 'exited', sessionId, exit, end: session.output.length });
    },
  });
  sessions.set(sessionId, session);
  return describe(session);
}

function answer(message: Message): unknown {
  const { t, id, sessionId } = message;
  if (t === 'ping') return send({ t: 'reply', id, ok: null });
  if (t === 'spawn') return send({ t: 'reply', id, ok: spawn(message.spec) });
  const session = sessions.get(sessionId);
  if (!session) return id && send({ t: 'reply', id, error: { code: 'session.not_found', message: 'none' } });
  const { spec, output, accepted } = session;
  if (t === 'read') return send({ t: 'reply', id, ok: null }, output.subarray(message.from, message.from + 65_536));
  if (t === 'sizes') return send({ t: 'reply', id, ok: [{ offset: 0, cols: spec.cols, rows: spec.rows }] });
  if (t === 'attach_state') {
    const writtenSeq = accepted.get(message.attachmentId) ?? 0;
    return send({ t: 'reply', id, ok: { writtenSeq, start: 0, end: output.length } });
  }
  if (t === 'end') return session.pty.end(500).then(() => send({ t: 'reply', id, ok: null }));
  if (t === 'forget') return sessions.delete(sessionId) && send({ t: 'reply', id, ok: null });
  if (t === 'resize') return send({ t: 'reply', id, ok: null });
  if (t === 'subscribe' && message.from < output.length)
    return send({ t: 'output', sessionId, offset: message.from }, output.subarray(message.from));
}

function input({ sessionId, attachmentId, seq }: Message, body: Buffer): void {
  const session = sessions.get(sessionId);
  if (!session || seq !== (session.accepted.get(attachmentId) ?? 0) + 1) return;
  session.accepted.set(attachmentId, seq);
  session.pty.write(body, () => send({ t: 'written', sessionId, attachmentId, seq }));
}

const server = createServer((socket) => {
  const reader = new FrameReader<Message>();
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    if (socket === controller) controller = undefined;
    if (!controller && sessions.size === 0) process.exit(0);
  });
  socket.on('data', (chunk) => {
    for (const { head, body } of reader.push(chunk)) {
      if (head.t === 'hello') hello(socket, head);
      else if (socket !== controller) socket.destroy();
      else if (head.t === 'input') input(head, body);
      else void answer(head);
    }
  });
});

function hello(socket: Socket, { key, version }: Message): void {
  if (key !== settings.key) return void socket.end(encodeFrame({ t: 'refused', reason: 'key' }));
  if (version !== 1) return void socket.end(encodeFrame({ t: 'refused', reason: 'version' }));
  controller?.end(encodeFrame({ t: 'refused', reason: 'fenced' }));
  controller = socket;
  const hosted = [...sessions.values()].map(describe);
  send({ t: 'welcome', version: 1, hostGeneration: 'of-version-1', pid: process.pid, sessions: hosted });
}

server.listen(settings.socketPath);
