import { expect, test } from 'vitest';
import type { Cli } from './cli.ts';
import { ensureSecrets, type DeploySecrets } from './secrets.ts';

/** A scope of secrets behind a CLI. */
function workspace() {
  const kept = new Map<string, string>();
  const cli: Cli = {
    isDryRun: false,
    read<Answer>([, command, , key]: string[]) {
      const answers: Record<string, unknown> = {
        'list-scopes': kept.size > 0 ? [{ name: 'scope' }] : [],
        'list-secrets': [...kept.keys()].map((name) => ({ key: name })),
        'get-secret': { value: Buffer.from(kept.get(key ?? '') ?? '').toString('base64') },
      };
      return Promise.resolve(answers[command!] as Answer);
    },
    write(_args, { json }, planned) {
      const { key, string_value: value } = (json ?? {}) as { key?: string; string_value: string };
      if (key) kept.set(key, value);
      return Promise.resolve(planned());
    },
  };
  const signing = () => (JSON.parse(kept.get('assertion-private-key')!) as { kid: string }).kid;
  return { kept, signing, ensure: (isRotating = false) => ensureSecrets(cli, 'scope', isRotating) };
}
const believed = ({ publicKeys }: DeploySecrets) => publicKeys.map(({ kid }) => kid);

test('what is missing is made once, and the private half never leaves the scope', async () => {
  const { kept, ensure, signing } = workspace();
  const first = await ensure();
  expect(first.made).toEqual(['screens-key', 'push-key', 'assertion-private-key']);
  const before = new Map(kept);
  const second = await ensure();
  expect([second.made, new Map(kept), believed(second)]).toEqual([[], before, [signing()]]);
  expect(second.publicKeys[0]).not.toHaveProperty('d');
});

test('a new key signs only when it is put in place, and is believed beside the old one', async () => {
  const { ensure, signing } = workspace();
  await ensure();
  const old = signing();
  const rotation = await ensure(true);
  expect(signing()).toBe(old); // nothing that runs, or starts by itself meanwhile, has changed
  await rotation.rotate();
  expect(believed(rotation)).toEqual([signing(), old]);
  await rotation.settle();
  expect(believed(await ensure())).toEqual([signing()]);
});

test('a rotation that is taken back leaves the old key alone', async () => {
  const { ensure, signing } = workspace();
  await ensure();
  const old = signing();
  const rotation = await ensure(true);
  await rotation.rotate();
  await rotation.undoRotation();
  const after = await ensure();
  expect([signing(), believed(after), after.isHalfRotated]).toEqual([old, [old], false]);
});

test('after a rotation that was cut off, both keys are believed until a run has replaced everything', async () => {
  const { ensure, signing } = workspace();
  await ensure();
  const old = signing();
  await (await ensure(true)).rotate(); // and then the machine was gone
  const next = await ensure(true); // does not rotate once more
  expect([next.isHalfRotated, believed(next)]).toEqual([true, [signing(), old]]);
  await next.rotate();
  await next.settle();
  expect(believed(await ensure())).toEqual([signing()]);
});
