import { expect, test } from 'vitest';
import { FreshnessGate } from './freshness.ts';
import type { Freshness } from './freshness.ts';

/** A terminal that parses what it is given later, and notes what each piece was said to be. */
function setup() {
  const queue: (() => void)[] = [];
  const seen: [Freshness, string][] = [];
  const sink = { write: (_: string | Uint8Array, parsed?: () => void) => void queue.push(() => parsed?.()) };
  const gate = new FreshnessGate(sink);
  const output = (text: string, offset: number) =>
    gate.output(new TextEncoder().encode(text), offset, (bytes) =>
      queue.push(() => seen.push([gate.now, new TextDecoder().decode(bytes)])),
    );
  const parse = () => queue.splice(0).forEach((step) => step());
  return { gate, output, parse, seen };
}

test('what was printed before the window came is old, what comes afterwards is live', () => {
  const { gate, output, parse, seen } = setup();
  gate.attached(1, 104, false);
  output('oldnew', 101);
  parse();
  expect(seen).toEqual([
    ['old', 'old'],
    ['live', 'new'],
  ]);
});

test('in a session that was just opened everything is fresh', () => {
  const { gate, output, parse, seen } = setup();
  gate.attached(1, 3, true);
  output('abcdef', 0);
  parse();
  expect(seen).toEqual([
    ['late', 'abc'],
    ['live', 'def'],
  ]);
});

test('what was printed while the connection was away is late, and never old', () => {
  const { gate, output, parse, seen } = setup();
  gate.attached(1, 10, false);
  output('one', 10);
  gate.attached(1, 16, false);
  output('twosix', 13);
  parse();
  expect(seen).toEqual([
    ['live', 'one'],
    ['late', 'two'],
    ['live', 'six'],
  ]);
});

test('another incarnation counts anew', () => {
  const { gate, output, parse, seen } = setup();
  gate.attached(1, 1_000, false);
  gate.attached(2, 5, false);
  output('01234567', 0);
  parse();
  expect(seen).toEqual([
    ['old', '01234'],
    ['live', '567'],
  ]);
});

test('a picture is old, whatever was parsed before it', () => {
  const { gate, output, parse, seen } = setup();
  gate.attached(1, 0, false);
  output('a', 0);
  gate.drawsAgain();
  parse();
  expect([seen, gate.now]).toEqual([[['live', 'a']], 'old']);
});

test('while the server does not say where it stands nothing is fresh', () => {
  const { gate, output, parse, seen } = setup();
  gate.attached(1, null, false);
  output('a', 7);
  parse();
  expect(seen).toEqual([['old', 'a']]);
});
