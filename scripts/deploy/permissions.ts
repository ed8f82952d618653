/** Who may use which app: people only the frontend, backends nobody but the frontend's principal. */
import type { Cli } from './cli.ts';

interface AccessControl {
  user_name?: string;
  group_name?: string;
  service_principal_name?: string;
  all_permissions?: { permission_level: string; inherited?: boolean }[];
}

/** Groups that everybody is in. */
const EVERYBODY = new Set(['users', 'account users']);

/** Takes from everybody what a workspace may have given them. @returns the groups that lost it */
export async function restrictBackend(cli: Cli, name: string): Promise<string[]> {
  if (cli.isDryRun) return [];
  const { access_control_list: list = [] } = await cli.read<{ access_control_list?: AccessControl[] }>([
    'apps',
    'get-permissions',
    name,
  ]);
  const own = list.flatMap((entry) =>
    (entry.all_permissions ?? [])
      .filter(({ inherited }) => !inherited)
      .map(({ permission_level }) => ({ entry, permission_level })),
  );
  const isOpen = ({ entry }: (typeof own)[number]) => EVERYBODY.has(entry.group_name ?? '');
  if (!own.some(isOpen)) return [];
  // Only setting replaces; updating would add.
  const kept = own
    .filter((one) => !isOpen(one))
    .map(({ entry: { user_name, group_name, service_principal_name }, permission_level }) => ({
      ...{ user_name, group_name, service_principal_name },
      permission_level,
    }));
  await cli.write(['apps', 'set-permissions', name], { json: { access_control_list: kept } }, () => undefined);
  return [...new Set(own.filter(isOpen).map(({ entry }) => entry.group_name!))];
}

export async function grantUsers(cli: Cli, name: string, group: string): Promise<void> {
  await cli.write(
    ['apps', 'update-permissions', name],
    { json: { access_control_list: [{ group_name: group, permission_level: 'CAN_USE' }] } },
    () => undefined,
  );
}
