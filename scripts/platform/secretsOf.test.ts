import { expect, test } from 'vitest';
import { secretsOf } from './secretsOf.ts';

const none = () => {
  throw new Error('there is no such file');
};

test('secrets are taken out of the environment, in whatever form they came, and only the instance’s own are handed on', () => {
  const environment = {
    PATH: '/bin',
    PGUSER: 'app',
    SCREENS_KEY: ' c2NyZWVucw\n',
    ASSERTION_PUBLIC_KEYS: '[{"kty":"OKP"}]',
    DATABASE_URL_FILE: '/run/secrets/url',
    ASSERTION_PRIVATE_KEY: '{"kty":"OKP"}',
  };
  const { names, secrets } = secretsOf('backend', environment, () => 'postgres://db\n');
  expect(secrets).toEqual({
    SCREENS_KEY: 'c2NyZWVucw',
    ASSERTION_PUBLIC_KEYS: [{ kty: 'OKP' }],
    DATABASE_URL: 'postgres://db',
  });
  expect(names.sort()).toEqual(
    ['ASSERTION_PRIVATE_KEY', 'ASSERTION_PUBLIC_KEYS', 'DATABASE_URL_FILE', 'SCREENS_KEY'].sort(),
  );
});

test.each([
  [{ SCREENS_KEY: 'a', SCREENS_KEY_FILE: '/f' }, 'SCREENS_KEY and SCREENS_KEY_FILE'],
  [{ SCREENS_KEY_FILE: '/f' }, 'SCREENS_KEY_FILE cannot be read'],
  [{ ASSERTION_PUBLIC_KEYS: '[{"kty":"secret' }, 'ASSERTION_PUBLIC_KEYS is not valid JSON'],
])('%j is refused by name, without its value', (environment, sentence) => {
  const refusal = (() => {
    try {
      secretsOf('backend', environment, none);
      return 'nothing';
    } catch (error) {
      return (error as Error).message.replace('The file of ', '');
    }
  })();
  expect(refusal).toContain(sentence);
  expect(refusal).not.toContain('"secret');
});
