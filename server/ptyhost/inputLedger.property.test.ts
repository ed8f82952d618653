import { fc } from '../testing/property.ts';
import { expect, test } from 'vitest';
import { InputLedger } from './inputLedger.ts';

/** What happens to the next frame on its way: as sent, lost, twice, an older one again, or written late. */
const step = fc.oneof(
  fc.constant({ kind: 'send' } as const),
  fc.constant({ kind: 'lose' } as const),
  fc.constant({ kind: 'double' } as const),
  fc.record({ kind: fc.constant('repeat' as const), seq: fc.integer({ min: 1, max: 30 }) }),
  fc.constant({ kind: 'write' } as const),
  fc.constant({ kind: 'reconnect' } as const),
);

test('whatever is lost, doubled, late or sent again, each frame is written once and in order', () => {
  const attachments = ['ada', 'bob'];
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom(...attachments), step), { maxLength: 120 }), (steps) => {
      const ledger = new InputLedger();
      const sides = new Map(
        attachments.map((id) => [id, { next: 1, sent: 0, accepted: [] as number[], written: [] as number[] }]),
      );
      const offer = (id: string, seq: number) => {
        const side = sides.get(id)!;
        const verdict = ledger.offer(id, seq);
        if (verdict === 'accept') side.accepted.push(seq);
        const last = side.accepted.at(-1) ?? 0;
        // Only what follows the last one is taken, and only what was taken before is a duplicate.
        expect([verdict === 'gap', verdict === 'duplicate' && seq > last]).toEqual([seq > last, false]);
      };
      const write = (id: string) => {
        const side = sides.get(id)!;
        const seq = side.accepted[side.written.length];
        if (seq === undefined) return;
        ledger.wrote(id, seq);
        side.written.push(seq);
      };
      for (const [id, { kind, ...more }] of steps) {
        const side = sides.get(id)!;
        if (kind === 'repeat' && 'seq' in more && more.seq <= side.sent) offer(id, more.seq);
        else if (kind === 'write') write(id);
        else if (kind === 'reconnect') side.next = ledger.written(id) + 1;
        else if (kind !== 'repeat') {
          const seq = side.next++;
          side.sent = Math.max(side.sent, seq);
          if (kind !== 'lose') offer(id, seq);
          if (kind === 'double') offer(id, seq);
        }
        expect(ledger.written(id)).toBe(side.written.at(-1) ?? 0);
      }
      // In the end the network holds, and every client sends from the last one written.
      for (const [id, side] of sides) {
        while (side.written.length < side.accepted.length) write(id);
        for (let seq = ledger.written(id) + 1; seq <= side.sent; seq++) offer(id, seq);
        while (side.written.length < side.accepted.length) write(id);
        expect(side.written).toEqual(Array.from({ length: side.sent }, (_, i) => i + 1));
      }
    }),
    { numRuns: 500 },
  );
});
