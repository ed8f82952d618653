import { expect, test } from 'vitest';
import { isPublicAddress, lookupPublic, requirePublicEndpoint } from './publicHost.ts';
import { postOut } from './postOut.ts';

const refusal = (endpoint: string) => {
  try {
    requirePublicEndpoint(endpoint);
    return 'accepted';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

test('addresses that not everybody can reach are not public, however they are written', () => {
  const addresses = [
    ...['127.0.0.1', '10.0.0.1', '172.16.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1', '0.0.0.0', '224.0.0.1'],
    ...['::1', 'fe80::1', 'fc00::1', '::ffff:10.0.0.1', '::', 'nonsense'],
  ];
  expect(addresses.filter(isPublicAddress)).toEqual([]);
  expect(['93.184.215.14', '2606:2800:220:1::1', '::ffff:93.184.215.14'].map(isPublicAddress)).toEqual([
    true,
    true,
    true,
  ]);
});

test('only https to a name or an address of everybody can be a push service', () => {
  expect([refusal('https://fcm.googleapis.com/fcm/send/x'), refusal('https://93.184.215.14/x')]).toEqual([
    'accepted',
    'accepted',
  ]);
  const endpoints = [
    ...['http://push.example.com/x', 'https://localhost/x', 'https://a.localhost/x', 'https://db.internal/x'],
    ...['https://postgres/x', 'https://127.1/x', 'https://[::1]/x', 'https://[::ffff:a00:1]/', 'https://2130706433/'],
    ...['https://me:you@push.example.com/x', 'https://printer.local./x'],
  ];
  expect(endpoints.filter((endpoint) => refusal(endpoint) === 'accepted')).toEqual([]);
});

test('a name that leads to this machine is looked up and not called', async () => {
  const found = await new Promise((resolve) =>
    lookupPublic('localhost', { all: true }, (error, addresses) => resolve(error?.message ?? addresses)),
  );
  expect(found).toBe('localhost has no public address');
});

test('what was stored by an earlier release is judged again before it is called', async () => {
  const message = { headers: {}, body: Buffer.of() };
  await expect(postOut('https://127.0.0.1:9/x', message, new AbortController().signal)).rejects.toMatchObject({
    code: 'input.invalid',
  });
});
