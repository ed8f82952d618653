import { expect, test } from 'vitest';
import { MAX_IMAGE_BYTES } from '../../protocol/kittyImages.ts';
import { handWholeImages, KittyParts, type Taker } from './kittyParts.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');

/** What comes through of these commands. */
function through(...commands: string[]): (string | null)[] {
  const parts = new KittyParts();
  return commands.map((command) => parts.take(command));
}

test('parts become one image, also where the first and the last carry nothing and each is padded by itself', () => {
  expect(through('a=T,f=32,s=1,v=1,m=1', `m=1;${base64('ab')}`, `m=1;${base64('c')}`, 'm=0')).toEqual([
    null,
    null,
    null,
    `a=T,f=32,s=1,v=1;${base64('abc')}`,
  ]);
  expect(through(`a=T,i=5,m=1;${base64('abcd')}`, `m=0,q=1;${base64('e')}`)).toEqual([
    null,
    `a=T,i=5;${base64('abcde')}`,
  ]);
});

test('what is whole goes through as it is', () => {
  const whole = ['a=T,f=100;AAAA', 'a=p,i=1', 'a=d,d=a', 'i=7,s=1,v=1;AAAAAA=='];
  expect(through(...whole)).toEqual(whole);
});

test('an image that breaks off, or is no base64, is none, and the next one is whole', () => {
  expect(through(`a=T,m=1;${base64('abc')}`, 'a=T,f=100;AAAA')).toEqual([null, 'a=T,f=100;AAAA']);
  expect(through('a=T,m=1;not base64!', 'a=T,f=100;AAAA')).toEqual([null, 'a=T,f=100;AAAA']);
});

test('nothing is drawn that only asks, or that the server has refused, with all its parts', () => {
  expect(through('a=q,i=1,s=1,v=1;AAAA', 'a=T,s=1,v=1;AAAAAA==')).toEqual([null, 'a=T,s=1,v=1;AAAAAA==']);
  expect(through('a=T,U=1,f=100,m=1;AAAA', 'm=1;AAAA', 'm=0;AAAA', 'a=d,d=a')).toEqual([null, null, null, 'a=d,d=a']);
  expect(through('a=q,i=1,m=1;AAAA', 'm=0;AAAA', 'a=T,P=1;AAAA')).toEqual([null, null, null]);
});

test('who takes images is given whole ones, and nothing of what was cancelled', () => {
  const given: string[] = [];
  const taker: Taker = {
    start: () => void given.push(''),
    put: (data, from, to) => void given.push(given.pop()! + String.fromCharCode(...data.subarray(from, to))),
    end: () => true,
  };
  handWholeImages(taker);
  const send = (text: string, isWhole = true) => {
    const data = Uint32Array.from(text, (char) => char.charCodeAt(0));
    taker.start();
    taker.put(data, 0, 3);
    taker.put(data, 3, data.length);
    return taker.end(isWhole);
  };
  const results = [send('a=T,m=1;AAAA'), send('m=0;AAAA'), send('a=T;BBBB', false), send('a=T;CCCC')];
  expect([results, given]).toEqual([
    [true, true, true, true],
    ['a=T;AAAAAAAA', 'a=T;CCCC'],
  ]);
});

test('an image that is too large is none, however it comes, and the next one is whole', () => {
  const half = `${base64('x'.repeat(MAX_IMAGE_BYTES / 2 + 3))}`;
  expect(through(`a=T,i=1,m=1;${half}`, `m=1;${half}`, 'm=0', 'a=T,f=100;AAAA')).toEqual([
    null,
    null,
    null,
    'a=T,f=100;AAAA',
  ]);
  const given: number[] = [];
  const taker: Taker = { start: () => {}, put: (data) => void given.push(data.length), end: () => true };
  handWholeImages(taker);
  const send = (count: number) => {
    taker.start();
    // In pieces, as xterm.js hands them on.
    const piece = new Uint32Array(1 << 20).fill(65);
    for (let sent = 0; sent < count; sent += piece.length) taker.put(piece, 0, Math.min(piece.length, count - sent));
    return taker.end(true);
  };
  expect([send(2 * MAX_IMAGE_BYTES), send(8), given]).toEqual([true, true, [8]]);
});
