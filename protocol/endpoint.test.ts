import { expect, test } from 'vitest';
import { fillPath } from './endpoint.ts';

test('path parameters are filled in, escaped, and taken out of the rest', () => {
  expect(fillPath('/api/v1/x/:id/y', { id: 'a/b', name: 'n' })).toEqual({
    path: '/api/v1/x/a%2Fb/y',
    rest: { name: 'n' },
  });
});

test('a missing path parameter is an error', () => {
  expect(() => fillPath('/x/:id', {})).toThrow(TypeError);
});
