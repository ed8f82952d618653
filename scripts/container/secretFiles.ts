/** The secrets of an instance in containers: one file each, as Compose and Kubernetes hand them over. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { roleOf } from '../../db/grants.ts';
import { newSecret, type Secrets } from '../supervisor/secrets.ts';

export interface SecretsPlan {
  shardIds: string[];
  /** `host:port/name` of the database. */
  database: string;
  /** Who owns the database and makes the roles. */
  admin: string;
}

/** By file name. Who serves what is in the name: an instance is given its own files and no others. */
export function secretFiles({ shardIds, database, admin }: SecretsPlan, secrets: Secrets): Record<string, string> {
  const urlOf = (role: string, password: string) => `postgres://${role}:${password}@${database}`;
  const instances = ['frontend', ...shardIds];
  return {
    admin_password: secrets.adminPassword,
    admin_url: urlOf(admin, secrets.adminPassword),
    ...Object.fromEntries(
      instances.map((instance) => [`${instance}_url`, urlOf(roleOf(instance), secrets.databasePasswords[instance]!)]),
    ),
    assertion_private_key: JSON.stringify(secrets.assertionKey.private),
    assertion_public_keys: JSON.stringify([secrets.assertionKey.public]),
    screens_key: secrets.screensKey,
    push_key: JSON.stringify(secrets.pushKey),
    proxy_secret: newSecret(),
  };
}

/**
 * The folder is ours alone. The files are readable for all, because they are mounted one by one into containers in which
 * another account reads them; from outside nobody else comes to them. One that is there already stays as it is.
 */
export function writeSecretFiles(directory: string, files: Record<string, string>): string[] {
  mkdirSync(directory, { recursive: true });
  chmodSync(directory, 0o700);
  return Object.entries(files)
    .filter(([name, text]) => writeNew(join(directory, name), text))
    .map(([name]) => name);
}

function writeNew(file: string, text: string): boolean {
  try {
    writeFileSync(file, text, { flag: 'wx' });
    chmodSync(file, 0o444); // whatever the umask
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
