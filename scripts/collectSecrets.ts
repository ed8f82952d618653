/** For launch.sh: names of the secrets in the environment on one line, the secrets as JSON on the next. */
import { readFileSync } from 'node:fs';
import { environment } from './platform/env.ts';
import { instanceKind } from './platform/instanceKind.ts';
import { secretsOf } from './platform/secretsOf.ts';

try {
  const { names, secrets } = secretsOf(instanceKind(process.argv[2]), environment, (path) =>
    readFileSync(path, 'utf8'),
  );
  process.stdout.write(`${names.join(' ')}\n${JSON.stringify(secrets)}\n`);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
