import { expect, test } from 'vitest';
import { AppError, fromWire, toWire } from './errors.ts';

test('a known error crosses the wire with its code, sentence and details', () => {
  const error = new AppError('session.wrong_shard', 'it lives on b', { details: { shardId: 'b' } });
  expect(fromWire(toWire(error))).toMatchObject({
    code: 'session.wrong_shard',
    message: 'it lives on b',
    details: { shardId: 'b' },
    status: 421,
  });
});

test('an unknown error says nothing of its cause', () => {
  expect(JSON.stringify(toWire(new Error('password is hunter2'), 'id-12345678'))).not.toContain('hunter2');
  expect(toWire(new Error('x'), 'id-12345678')).toMatchObject({ code: 'internal', correlationId: 'id-12345678' });
});

test('a code of a newer server becomes internal', () => {
  expect(fromWire({ code: 'something.new', message: 'm' }).code).toBe('internal');
});
