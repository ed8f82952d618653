import { PNG } from 'pngjs';
import { expect, test } from 'vitest';
import { KittyImages } from './kittyImages.ts';

/** What each command is answered, in turn. */
function answersTo(...commands: string[]): string[] {
  const images = new KittyImages();
  return commands.map((command) => images.answerTo(command).replace(/^\x1b_G(.*)\x1b\\$/, '$1'));
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
const png = (width: number, height: number) => base64(PNG.sync.write(new PNG({ width, height })));
const rgba = (pixels: number) => base64(new Uint8Array(4 * pixels));

test('who asks is told what would be drawn, and nothing of it is kept', () => {
  expect(answersTo('i=31,s=1,v=1,a=q,t=d,f=24;AAAA', 'a=q,i=5;', 'a=p,i=31', 'a=q,s=1,v=1,f=24;AAAA')).toEqual([
    'i=31;OK',
    'i=5;OK',
    'i=31;ENOENT:no such image',
    '',
  ]);
});

test('an image with a number is answered when all of it is there, and known from then on', () => {
  const [data] = [png(2, 2)];
  expect(
    answersTo(`a=T,f=100,i=7,m=1;${data.slice(0, 40)}`, 'm=1;', `m=0;${data.slice(40)}`, 'a=p,i=7,p=3', 'a=p,i=8'),
  ).toEqual(['', '', 'i=7;OK', 'i=7,p=3;OK', 'i=8;ENOENT:no such image']);
  expect(answersTo(`f=32,s=2,v=2,i=1;${rgba(4)}`, 'a=d,d=I,i=1', 'a=p,i=1')).toEqual([
    'i=1;OK',
    '',
    'i=1;ENOENT:no such image',
  ]);
});

test('what the app would not draw is an error', () => {
  const commands: [command: string, error: RegExp][] = [
    [`a=T,i=1,s=2,v=2;${rgba(3)}`, /^i=1;ENODATA/],
    [`a=T,i=1;${rgba(3)}`, /^i=1;EINVAL:no width/],
    [`a=T,i=1,f=100;${rgba(30)}`, /^i=1;EINVAL:not a PNG/],
    [`a=T,i=1,f=99,s=1,v=1;${rgba(1)}`, /^i=1;EINVAL:unknown format/],
    ['a=T,i=1,s=1,v=1;not base64!', /^i=1;EINVAL:not base64/],
    ['a=T,i=1,s=1,v=1', /^i=1;ENODATA/],
    ['a=T,i=1,s=9000,v=9000,o=z;AAAA', /^i=1;EFBIG/],
    ['a=T,i=1,t=f;L3RtcC94', /^i=1;ENOTSUP/],
    ['a=q,i=1,t=s;L3RtcC94', /^i=1;ENOTSUP/],
    ['a=f,i=1,r=1;AAAA', /^i=1;ENOTSUP/],
    [`a=T,U=1,i=1,s=1,v=1;${rgba(1)}`, /^i=1;ENOTSUP/],
    [`a=T,i=1,I=2,s=1,v=1;${rgba(1)}`, /^i=1;EINVAL/],
  ];
  const answers = answersTo(...commands.map(([command]) => command));
  expect(commands.filter(([, error], i) => !error.test(answers[i]!))).toEqual([]);
});

test('a program that wants to hear less hears less', () => {
  const image = `s=1,v=1;${rgba(1)}`;
  expect(answersTo(`i=1,q=1,${image}`, `i=1,q=2,${image}`, 'i=2,a=p,q=1', 'i=2,a=p,q=2')).toEqual([
    '',
    '',
    'i=2;ENOENT:no such image',
    '',
  ]);
});

test('an answer holds nothing that a program could have typed with it', () => {
  expect(answersTo('a=q,i=1\x07;', 'a=q,i=rm -rf;', 'a=p,i=1,p=x;', `a=q,i=${'1'.repeat(20)};`)).toEqual([
    '',
    '',
    'i=1;ENOENT:no such image',
    '',
  ]);
});

test('no more images are known than the app keeps', () => {
  const many = Array.from({ length: 300 }, (_, i) => `i=${i + 1},s=1,v=1,q=2;${rgba(1)}`);
  expect(answersTo(...many, 'a=p,i=1', 'a=p,i=300').slice(-2)).toEqual(['i=1;ENOENT:no such image', 'i=300;OK']);
});
