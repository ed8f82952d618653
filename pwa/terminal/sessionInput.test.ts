import { expect, test } from 'vitest';
import type { Attachment, Held } from '../../client/types.ts';
import type { WaitingInput } from './heldInput.ts';
import { SessionInput } from './sessionInput.ts';

function setup(state: Attachment['state'] = 'live') {
  const written: unknown[] = [];
  const told: WaitingInput[] = [];
  const refused: unknown[] = [];
  const attachment = {
    state,
    pendingBytes: 7,
    keepInput: () => null,
    write(data: unknown) {
      if (data === 'too much') throw new Error('full');
      written.push(data);
    },
  } as unknown as Attachment;
  const input = new SessionInput('one', {
    input: (waiting) => told.push(waiting),
    inputLost: () => undefined,
    refused: (error) => refused.push(error),
  });
  return { input, attachment, written, told, refused };
}

test('what is typed before there is an attachment is written when there is one, in its order', () => {
  const { input, attachment, written } = setup();
  input.type('a');
  input.type(Uint8Array.of(1));
  expect([written, input.pendingBytes]).toEqual([[], 0]);
  input.attached(attachment);
  input.type('b');
  expect([written, input.pendingBytes]).toEqual([['a', Uint8Array.of(1), 'b'], 7]);
});

test.each([
  ['live', ['\x1b[I', 'x']],
  ['attaching', ['x']],
] as const)('where the focus is goes to a session that hears it now: %s', (state, wanted) => {
  const { input, attachment, written } = setup(state);
  input.attached(attachment);
  input.type('\x1b[I');
  input.type('x');
  expect(written).toEqual(wanted);
});

test('an answer about images is not sent as typed', () => {
  const { input, attachment, written } = setup();
  input.attached(attachment);
  input.type('\x1b_Gi=5;OK\x1b\\');
  expect(written).toEqual([]);
});

test('what is refused is told, and not thrown into the terminal', () => {
  const { input, attachment, written, refused } = setup();
  input.attached(attachment);
  input.type('too much');
  input.type('a');
  expect([written, refused]).toEqual([['a'], [new Error('full')]]);
});

test('what waits is told with what can be done about it, and nothing waits when it is over', () => {
  const { input, told } = setup();
  const held: Held = { bytes: 3, since: 0, isAsking: true, text: 'abc' };
  input.heard.onPending(3);
  input.heard.onHeld(held);
  input.heard.onHeld(null);
  input.dispose();
  expect(told.map(({ pendingBytes, held: waiting }) => [pendingBytes, waiting])).toEqual([
    [3, held],
    [3, null],
    [0, null],
  ]);
});
