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
  const { access_control_list: list = [] } = await permissionsOf(cli, name);
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

/** The platform gives it with the resource of the frontend; somebody may have taken it away since. @returns whether it was gone */
export async function ensureHop(cli: Cli, name: string, frontend: string | undefined): Promise<boolean> {
  if (cli.isDryRun || !frontend) return false;
  const { access_control_list: list = [] } = await permissionsOf(cli, name);
  if (list.some(({ service_principal_name: principal }) => principal === frontend)) return false;
  await grant(cli, name, { service_principal_name: frontend });
  return true;
}

export function grantUsers(cli: Cli, name: string, group: string): Promise<void> {
  return grant(cli, name, { group_name: group });
}

function permissionsOf(cli: Cli, name: string): Promise<{ access_control_list?: AccessControl[] }> {
  return cli.read(['apps', 'get-permissions', name]);
}

async function grant(cli: Cli, name: string, who: Partial<AccessControl>): Promise<void> {
  await cli.write(
    ['apps', 'update-permissions', name],
    { json: { access_control_list: [{ ...who, permission_level: 'CAN_USE' }] } },
    () => undefined,
  );
}
