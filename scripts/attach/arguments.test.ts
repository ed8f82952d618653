import { expect, test } from 'vitest';
import { AppError } from '../../protocol/errors.ts';
import { parseArguments } from './arguments.ts';

const ID = '0b6f0a54-6d2b-4c0e-9c63-0c3f0b6e7a11';

function refusal(...argv: string[]): string {
  try {
    parseArguments(argv);
    return 'taken';
  } catch (error) {
    return error instanceof AppError && error.code === 'input.invalid' ? error.message : String(error);
  }
}

test('what is not said has a default', () => {
  expect(parseArguments([])).toMatchObject({
    url: 'http://localhost:8000',
    sessionId: undefined,
    isNew: false,
    isReadOnly: false,
    detachKey: { name: 'Ctrl-]' },
    headers: {},
  });
});

test('everything can be said', () => {
  const headers = ['--header', 'X-Forwarded-Email: ada@example.com', '--header', 'X-Empty:'];
  expect(
    parseArguments(['--url', 'https://hf.example.com/', '--session', ID, ...headers, '--read-only']),
  ).toMatchObject({
    url: 'https://hf.example.com',
    sessionId: ID,
    isReadOnly: true,
    headers: { 'X-Forwarded-Email': 'ada@example.com', 'X-Empty': '' },
  });
  const command = ['vim', '-N', '--session'];
  expect(parseArguments(['--new', '--project', 'home', '--detach-key', 'none', '--', ...command])).toMatchObject({
    isNew: true,
    project: 'home',
    command,
    detachKey: null,
  });
});

test('what makes no sense is named', () => {
  expect(refusal('--nonsense')).toMatch(/--nonsense/);
  expect(refusal('--session', 'abc')).toMatch(/--session/);
  expect(refusal('--session', ID, '--new')).toMatch(/exclude/);
  expect(refusal('--project', 'x')).toMatch(/--project/);
  expect(refusal('ls')).toMatch(/--new/);
  expect(refusal('--new', '--read-only')).toMatch(/no keys/);
  expect(refusal('--token', 'secret')).toMatch(/^--token is not a token/);
  expect(refusal('--header', 'no colon')).toMatch(/--header/);
  expect(refusal('--header', 'A: b\r\nC: d')).toMatch(/--header/);
  expect(refusal('--detach-key', 'F12')).toMatch(/--detach-key/);
  for (const url of ['localhost:8000', 'ftp://a', 'http://u:p@a', 'http://a/path', 'http://a?x']) {
    expect(refusal('--url', url)).toMatch(/--url/);
  }
});
