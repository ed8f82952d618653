import { expect, test } from 'vitest';
import { launchOf, withoutLaunch } from './launch.ts';

const ID = '0f8fad5b-d9cb-469f-a165-70867728950e';
const open = (link: string) => `https://hf.example/?open=${encodeURIComponent(link)}`;

test.each([
  ['a session by its link', open(`web+holdfast:session/${ID}`), { kind: 'session', id: ID }],
  ['with slashes, and in capitals', open(`WEB+HOLDFAST://Session/${ID.toUpperCase()}/`), { kind: 'session', id: ID }],
  ['a project', open(`web+holdfast:project/${ID}`), { kind: 'project', id: ID }],
  ['what the menu has', 'https://hf.example/?do=new-session', { kind: 'action', action: 'session.new' }],
  ['what was shared', 'https://hf.example/?do=shared', { kind: 'shared' }],
  ['the self-test', 'https://hf.example/?selftest', { kind: 'action', action: 'selfTest.show' }],
  ['nothing', 'https://hf.example/?source=pwa#watch=1', null],
  ['no id', open('web+holdfast:session/1'), { kind: 'unknown' }],
  ['no subject of ours', open(`web+holdfast:tenant/${ID}`), { kind: 'unknown' }],
  ['another scheme', open(`javascript:session/${ID}`), { kind: 'unknown' }],
  ['more than a link', open(`web+holdfast:session/${ID}?run=rm`), { kind: 'unknown' }],
  ['an action that no address may ask for', 'https://hf.example/?do=session.close', { kind: 'unknown' }],
  ['a name that every object has', 'https://hf.example/?do=constructor', { kind: 'unknown' }],
])('an address asks for %s', (_, href, launch) => {
  expect(launchOf(href)).toEqual(launch);
});

test('once it was heard nothing of it is left, and everything else is', () => {
  expect(withoutLaunch(`${open('web+holdfast:session/1')}&source=pwa#watch=2`)).toBe('/?source=pwa#watch=2');
});
