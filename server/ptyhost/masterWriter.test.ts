import { expect, test, vi } from 'vitest';
import { MasterWriter } from './masterWriter.ts';

const busy = () => Object.assign(new Error('busy'), { code: 'EAGAIN' });

test('partial writes and a pty that takes nothing for a while lose and reorder nothing', async () => {
  let taken = '';
  let calls = 0;
  const writer = new MasterWriter(0, (_, bytes) => {
    if (calls++ % 3 === 2) throw busy();
    taken += Buffer.from(bytes.subarray(0, 2)).toString();
    return Math.min(2, bytes.length);
  });
  const done: string[] = [];
  await new Promise<void>((resolve) => {
    writer.push(Buffer.from('hello '), () => done.push('first'));
    writer.push(Buffer.from('world'), () => {
      done.push('second');
      resolve();
    });
  });
  expect({ taken, done, queued: writer.queuedBytes }).toEqual({
    taken: 'hello world',
    done: ['first', 'second'],
    queued: 0,
  });
});

test('a dead pty drops what is queued and reports nothing as written', () => {
  const onWritten = vi.fn();
  const writer = new MasterWriter(0, () => {
    throw Object.assign(new Error('gone'), { code: 'EIO' });
  });
  writer.push(Buffer.from('x'), onWritten);
  expect(onWritten).not.toHaveBeenCalled();
  expect(writer.queuedBytes).toBe(0);
});
