/**
 * Entry of the screens process: parses what programs print, which may be hostile, so it is given no secrets and no
 * descriptors but a pipe to the backend that started it. When it dies it is started again and fed from the log.
 */
import { encodeFrame, FrameReader } from './base/frames.ts';
import { Screen } from './screens/screen.ts';
import type { FromScreens, ToScreens } from './screens/screenProtocol.ts';

const screens = new Map<string, Screen>();

function send(message: FromScreens, body?: string): void {
  process.stdout.write(encodeFrame(message, body === undefined ? undefined : Buffer.from(body)));
}

async function handle(message: ToScreens, body: Buffer): Promise<void> {
  const { sessionId } = message;
  if (message.t === 'open') {
    const { offset, answerFrom, cols, rows } = message;
    screens.get(sessionId)?.dispose();
    const onAnswer = (answer: string, at: number) => send({ t: 'answer', sessionId, offset: at }, answer);
    screens.set(sessionId, new Screen(offset, answerFrom, { cols, rows }, onAnswer));
    return;
  }
  const screen = screens.get(sessionId);
  if (message.t === 'snapshot') return snapshot(message.id, screen);
  if (message.t === 'feed') {
    await screen?.feed(body);
    send({ t: 'fed', sessionId, offset: message.offset + body.length });
  } else if (message.t === 'resize') screen?.resize(message.cols, message.rows);
  else {
    screen?.dispose();
    screens.delete(sessionId);
  }
}

async function snapshot(id: number, screen: Screen | undefined): Promise<void> {
  if (!screen) return send({ t: 'no_snapshot', id });
  const { offset, cols, rows, text } = await screen.snapshot();
  send({ t: 'snapshot', id, offset, cols, rows }, text);
}

process.title = 'holdfast-screens';
const reader = new FrameReader<ToScreens>();
process.stdin.on('data', (chunk: Buffer) => {
  for (const { head, body } of reader.push(chunk)) void handle(head, body);
});
// The backend is gone: so is the reason to be here.
process.stdin.on('end', () => process.exit(0));
process.stdout.on('error', () => process.exit(0));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(0));
