import { expect, test } from 'vitest';
import { beginsImage, ImageSink } from './images.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

test('sixel and inline images are known by how they begin', () => {
  const texts = ['ab\x1bPq#0', '\x1b[m\x1bP0;1;8q"1;1', '\x1b]1337;File=inline=1:', 'plain', '\x1bP$qm\x1b\\'];
  expect(texts.map((text) => beginsImage(bytes(text)))).toEqual([true, true, true, false, false]);
  expect(
    ['\x1b]1337;CurrentDir=/', '\x1bP+q544e\x1b\\', '\x1bP1', '\x1b'].map((text) => beginsImage(bytes(text))),
  ).toEqual([false, false, false, false]);
});

test('an image of kitty’s is known, but not what only asks or deletes', () => {
  const texts = ['\x1b_Ga=T,f=100,m=1;AAAA', 'a\x1b_Gf=32,s=1,v=1;', '\x1b_Ga=p,i=1\x1b\\', '\x1b_Gm=0;AAAA'];
  expect(texts.map((text) => beginsImage(bytes(text)))).toEqual([true, true, true, true]);
  const others = ['\x1b_Gi=31,s=1,v=1,a=q;AAAA\x1b\\a=T', '\x1b_Ga=d\x1b\\', '\x1b_Xa=T;', '\x1b^Ga=T;'];
  expect(others.map((text) => beginsImage(bytes(text)))).toEqual([false, false, false, false]);
});

test('output waits in order while the add-on is loaded, once, and goes on without it when it cannot be had', async () => {
  for (const outcome of ['comes', 'fails']) {
    const written: string[] = [];
    let loads = 0;
    let settle = () => {};
    const loading = new Promise<void>((resolve, reject) => {
      settle = () => (outcome === 'comes' ? resolve() : reject(new Error('no network')));
    });
    const sink = new ImageSink({ write: (data) => void written.push(String(data)) }, () => (loads++, loading));
    sink.write('a');
    sink.write(bytes('\x1bPq'));
    sink.write('b');
    sink.write(bytes('\x1bPq'));
    expect(written).toEqual(['a']);
    settle();
    await loading.catch(() => {});
    await Promise.resolve().then(() => Promise.resolve());
    sink.write('c');
    expect([loads, written.length, written[2], written.at(-1)]).toEqual([1, 5, 'b', 'c']);
  }
});
