/** Brings a database up to date and makes the role of each instance, as its owner: once for each release, before anything starts. */
import { ensurePrincipals, type Principal } from '../../db/grants.ts';
import { migrateLatest } from '../../db/migrate.ts';
import { AppError } from '../../protocol/errors.ts';

export interface MigrationPlan {
  adminUrl: string;
  /** With the role and the password that the instance will have. */
  frontendUrl: string;
  backendUrls: string[];
}

/** What was done, a line each. @throws AppError `config.invalid` when the owner may not make roles */
export async function migrate({ adminUrl, frontendUrl, backendUrls }: MigrationPlan): Promise<string[]> {
  const applied = await migrateLatest(adminUrl);
  const principals = [principalOf(frontendUrl, 'frontend'), ...backendUrls.map((url) => principalOf(url, 'backend'))];
  if (!(await ensurePrincipals(adminUrl, principals)))
    throw new AppError(
      'config.invalid',
      'The roles cannot be made: the administrator may not create roles, or they serve another database of this server.',
    );
  return [
    applied.length > 0 ? `migrations applied: ${applied.join(', ')}` : 'the schema was up to date',
    `roles: ${principals.map(({ role }) => role).join(', ')}`,
  ];
}

export function principalOf(url: string, kind: Principal['kind']): Principal {
  // Not by URL: an address of a unix socket names no host.
  const [, role, password] = /^postgres(?:ql)?:\/\/([^:@/]+):([^@/]+)@/.exec(url) ?? [];
  // The address itself is a secret, so the sentence names only whose it is.
  if (!role || !password)
    throw new AppError(
      'config.invalid',
      `The address of a ${kind} is not like postgres://role:password@host/database.`,
    );
  return { role: decodeURIComponent(role), password: decodeURIComponent(password), kind };
}
