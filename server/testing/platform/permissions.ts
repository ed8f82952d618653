/** Who may do what with an app: read, replaced and merged, and what the ingress asks of it. */
import { invalid, notFound, type Fields } from './answers.ts';
import { findPrincipal } from './identity.ts';
import type { AccessEntry, AppRecord, PlatformState, Principal } from './state.ts';

const LEVELS = ['CAN_USE', 'CAN_MANAGE'];
const KEYS = ['user_name', 'group_name', 'service_principal_name'] as const;

/** `GET /api/2.0/permissions/apps/{name}` */
export function shownAccess(state: PlatformState, record: AppRecord): Fields {
  return {
    object_id: `/apps/${record.app.name}`,
    object_type: 'apps',
    access_control_list: record.access.map(({ permission_level: level, inherited = false, ...who }) => ({
      ...who,
      ...(who.service_principal_name && {
        display_name: findPrincipal(state, who.service_principal_name)?.displayName,
      }),
      all_permissions: [{ permission_level: level, inherited }],
    })),
  };
}

/** `PUT`: what is direct is replaced; what is inherited stays, and so does the maker's right to manage. */
export function setAccess(state: PlatformState, record: AppRecord, body: Fields): void {
  const entries = checked(state, body);
  record.access = [...record.access.filter(({ inherited }) => inherited), ...entries];
}

/** `PATCH`: each named one gets the level; the others stay. */
export function mergeAccess(state: PlatformState, record: AppRecord, body: Fields): void {
  for (const entry of checked(state, body)) {
    const key = KEYS.find((name) => entry[name] !== undefined)!;
    record.access = record.access.filter((old) => old.inherited || old[key] !== entry[key]);
    record.access.push(entry);
  }
}

function checked(state: PlatformState, body: Fields): AccessEntry[] {
  const list = body['access_control_list'] ?? [];
  if (!Array.isArray(list)) throw invalid('Invalid access_control_list');
  return (list as Fields[]).map((entry) => {
    const keys = KEYS.filter((key) => typeof entry[key] === 'string');
    const level = entry['permission_level'];
    if (keys.length !== 1) throw invalid('Exactly one of user_name, group_name and service_principal_name is required');
    if (!LEVELS.includes(String(level))) throw invalid(`Permission type ${String(level)} is not defined`);
    const key = keys[0]!;
    const name = entry[key] as string;
    if (key !== 'group_name' && !findPrincipal(state, name)) {
      throw notFound(`Principal: ${key === 'user_name' ? 'UserName' : 'ServicePrincipalName'}(${name}) does not exist`);
    }
    return { [key]: name, permission_level: String(level) };
  });
}

/** CAN_MANAGE implies CAN_USE. */
export function mayUse(record: AppRecord, principal: Principal): boolean {
  return record.access.some(
    (entry) =>
      entry.user_name === principal.userName ||
      entry.service_principal_name === principal.userName ||
      (entry.group_name !== undefined && principal.groups.includes(entry.group_name)),
  );
}

export function mayManage(record: AppRecord, principal: Principal): boolean {
  const entries = record.access.filter(({ permission_level: level }) => level === 'CAN_MANAGE');
  return mayUse({ ...record, access: entries }, principal);
}
