import { expect, test } from 'vitest';
import { KittyNotifications } from './kittyNotifications.ts';
import { parseOsc777, parseOsc9 } from './notifications.ts';

const texts = (data: { title: string; body: string } | null) => data && [data.title, data.body];

test('OSC 9 is a text, unless a number says it is a command', () => {
  expect([texts(parseOsc9('Ready; go on?')), parseOsc9('4;1;50'), parseOsc9('9;/tmp'), parseOsc9('')]).toEqual([
    ['', 'Ready; go on?'],
    null,
    null,
    null,
  ]);
});

test('OSC 777 has a title and a body, and other commands are not for us', () => {
  expect([
    texts(parseOsc777('notify;Agent;needs; you')),
    parseOsc777('precmd'),
    texts(parseOsc777('notify;x')),
  ]).toEqual([['Agent', 'needs; you'], null, ['x', '']]);
});

test('control characters and overrides of the reading direction are not shown, and long texts are cut', () => {
  expect(parseOsc9('a\u0007\u001b[31mb\u202ec')!.body).toBe('a [31mb c');
  expect([...parseOsc9('🙂'.repeat(2_000))!.body].length).toBe(1_000);
});

test('OSC 99 in one sequence and in several', () => {
  const kitty = new KittyNotifications();
  expect([
    texts(kitty.take(';Hello')),
    kitty.take('i=1:d=0;Hel'),
    kitty.take('i=1:d=0;lo'),
    kitty.take('i=1:d=1:p=body:u=2:o=unfocused;world'),
  ]).toEqual([
    ['Hello', ''],
    null,
    null,
    { source: 'osc99', title: 'Hello', body: 'world', id: '1', urgency: 'critical', when: 'unfocused' },
  ]);
});

test('OSC 99 may be base64, and what is not text is nothing', () => {
  const kitty = new KittyNotifications();
  expect([texts(kitty.take('e=1;SGVsbG8g8J+Zgg==')), kitty.take('e=1;/////w=='), kitty.take('e=1;***')]).toEqual([
    ['Hello 🙂', ''],
    null,
    null,
  ]);
});

test('queries, icons and closing are no notifications; closing names what it closes', () => {
  const kitty = new KittyNotifications();
  expect(['i=a:p=?;', 'i=a:p=close;', 'p=icon;x', 'nothing'].map((data) => kitty.take(data))).toEqual([
    null,
    null,
    null,
    null,
  ]);
  expect(['i=a:p=close;', 'p=close:i=b', 'p=close;', 'i=a;p=close'].map((data) => kitty.closes(data))).toEqual([
    'a',
    'b',
    null,
    null,
  ]);
});

test('of notifications that never end only some are kept', () => {
  const kitty = new KittyNotifications();
  for (let i = 0; i < 20; i++) kitty.take(`i=${i}:d=0;${i}`);
  expect([texts(kitty.take('i=0;end')), texts(kitty.take('i=19;end'))]).toEqual([
    ['end', ''],
    ['19end', ''],
  ]);
});
