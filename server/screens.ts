/**
 * Entry of the screens process: parses what programs print, which may be hostile, so it is given no secrets and no
 * descriptors but a pipe to the backend that started it. When it dies it is started again and fed from the log.
 */
import { encodeFrame, FrameReader } from './base/frames.ts';
import { Screen } from './screens/screen.ts';
import type { FromScreens, ToScreens } from './screens/screenProtocol.ts';
import type { Heard } from './screens/signalEar.ts';

const screens = new Map<string, Screen>();

function send(message: FromScreens, body?: Uint8Array): void {
  process.stdout.write(encodeFrame(message, body));
}

function open({ sessionId, offset, answerFrom, signalFrom, cols, rows }: ToScreens & { t: 'open' }): void {
  screens.get(sessionId)?.dispose();
  const onAnswer = (answer: string, at: number) => send({ t: 'answer', sessionId, offset: at }, Buffer.from(answer));
  const onSignal = (heard: Heard, at: number) => send({ t: 'signal', sessionId, offset: at, ...heard });
  screens.set(sessionId, new Screen(offset, answerFrom, { cols, rows }, onAnswer, signalFrom, onSignal));
}

async function handle(message: ToScreens, body: Buffer): Promise<void> {
  const { sessionId } = message;
  const screen = screens.get(sessionId);
  if (message.t === 'open') return open(message);
  if (message.t === 'draw') return draw(message, screen);
  if (!screen) return;
  if (message.t === 'feed') {
    await screen.feed(body);
    if (screens.get(sessionId) === screen) send({ t: 'fed', sessionId, offset: message.offset + body.length });
  } else if (message.t === 'resize') screen.resize(message.offset, message.cols, message.rows);
  else if (message.t === 'appearance') screen.setAppearance(message.appearance);
  else {
    screen.dispose();
    screens.delete(sessionId);
  }
}

async function draw({ id, pictures }: ToScreens & { t: 'draw' }, screen: Screen | undefined): Promise<void> {
  const drawn = await screen?.draw(pictures);
  if (!drawn) return send({ t: 'not_drawn', id });
  const { texts, ...at } = drawn;
  const bodies = texts.map((text) => Buffer.from(text));
  send({ t: 'drawn', id, ...at, sizes: bodies.map(({ length }) => length) }, Buffer.concat(bodies));
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
