/** What the stand-in for a Databricks workspace knows: one JSON document, shared by its CLI, its API and its ingress. */

export interface Principal {
  kind: 'user' | 'servicePrincipal';
  /** A number, written as a string where the API does so. */
  id: number;
  /** A person's e-mail, or a service principal's client id (a UUID). */
  userName: string;
  displayName: string;
  groups: string[];
  /** Of a service principal: its OAuth secret. */
  clientSecret?: string;
}

export interface AccessEntry {
  user_name?: string;
  group_name?: string;
  service_principal_name?: string;
  permission_level: string;
  inherited?: boolean;
}

export interface EnvVar {
  name: string;
  value?: string;
  value_from?: string;
}

export interface Deployment {
  deployment_id: string;
  source_code_path: string;
  mode: string;
  deployment_artifacts: { source_code_path: string };
  status: { state: 'IN_PROGRESS' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED'; message: string };
  creator: string;
  create_time: string;
  update_time: string;
  command?: string[];
  env_vars?: EnvVar[];
}

/** One of the things an app may use; exactly one key beside `name` and `description` says what it is. */
export type AppResource = { name: string; description?: string } & Record<string, unknown>;

export interface App {
  name: string;
  id: string;
  url: string;
  description?: string;
  compute_size: string;
  compute_status: { state: string; message: string; active_instances?: number };
  app_status: { state: string; message: string };
  active_deployment?: Deployment;
  pending_deployment?: Deployment;
  default_source_code_path?: string;
  service_principal_client_id: string;
  service_principal_id: number;
  service_principal_name: string;
  oauth2_app_client_id: string;
  resources?: AppResource[];
  user_api_scopes?: string[];
  effective_user_api_scopes: string[];
  create_time: string;
  update_time: string;
  creator: string;
  updater: string;
}

export interface AppRecord {
  app: App;
  deployments: Deployment[];
  access: AccessEntry[];
  /** What happens by itself, and when (ms since the epoch). */
  due: { atMs: number; change: 'active' | 'stopped' | 'gone' | 'deployed' | 'running' }[];
  /** What `app.yaml` held at the last deployment, byte for byte. */
  appYaml?: string;
  /** Of the update that `create-update` began. */
  update?: { status: { state: string; message: string } };
}

export interface SecretScope {
  backendType: string;
  /** base64 */
  secrets: Record<string, { value: string; updatedMs: number }>;
  acls: Record<string, string>;
}

/** A Lakebase endpoint of either product, and where its PostgreSQL really listens. */
export interface LakebaseEndpoint {
  host: string;
  port: number;
  sslMode: string;
  state: string;
}

export interface LakebaseState {
  /** `projects/P/branches/B/endpoints/E` */
  endpoints: Record<string, LakebaseEndpoint>;
  /** `projects/P/branches/B/databases/D` → the name in SQL */
  databases: Record<string, string>;
  instances: Record<string, LakebaseEndpoint & { capacity: string }>;
}

/**
 * Something that goes wrong: `on` is a regular expression over what is journalled: `apps deploy be1 …` for a command,
 * `POST /api/2.0/apps/be1/deployments` for a request, `deployment be1` and `app be1` for what the platform does by itself.
 */
export interface Fault {
  on: string;
  /** How many matches are let through first; 0 unless told. */
  skip?: number;
  /** How many matches fail; 1 unless told. */
  times?: number;
  delayMs?: number;
  /** A request: what is answered. A string is sent as it is. */
  answer?: { status: number; body: unknown };
  /** `after`: it is carried out, and only its answer is lost. */
  when?: 'before' | 'after';
  /** A command: it ends so. */
  exit?: { code: number; stderr: string };
  /** What a deployment or an app comes to. */
  state?: 'FAILED' | 'CANCELLED' | 'CRASHED';
  message?: string;
}

export interface Settings {
  workspaceId: string;
  /** `none`: `DATABRICKS_HOST` as people write it, for `auth describe`. */
  host: string;
  /** How `.url` of an app is written; `loopback` gives the ingress' real address, from `ingressPorts`. */
  urlForm: 'https' | 'bare' | 'loopback';
  urlSuffix: string;
  ingressPorts: number[];
  /** Where the workspace API listens; null without one. */
  apiUrl: string | null;
  /** Who the CLI is: a person signed in (`auth login`) or a service principal with a secret. */
  cli: { mode: 'u2m' | 'm2m'; userName: string };
  profiles: string[];
  isUserAuthorizationEnabled: boolean;
  /** True: a runner starts what is deployed and reports its states. */
  hasRunner: boolean;
  tokenLifeMs: number;
  delaysMs: { compute: number; stop: number; delete: number; deploy: number; appStart: number };
}

export interface PlatformState {
  settings: Settings;
  principals: Principal[];
  tokens: Record<string, { userName: string; expiresMs: number }>;
  /** Calls of the token endpoint, by client id. */
  tokenCalls: Record<string, number>;
  apps: Record<string, AppRecord>;
  scopes: Record<string, SecretScope>;
  lakebase: LakebaseState;
  /** Unity Catalog volumes: `/Volumes/catalog/schema/volume` → who may use it. */
  volumes: Record<string, string[]>;
  faults: (Fault & { seen: number })[];
  lastId: number;
}

export const ADMIN = 'admin@example.com';

export function initialState(settings: Partial<Settings> = {}): PlatformState {
  return {
    settings: {
      workspaceId: '7474650912345678',
      host: 'https://adb-7474650912345678.18.azuredatabricks.net',
      urlForm: 'https',
      urlSuffix: '18.azure.databricksapps.com',
      ingressPorts: [],
      apiUrl: null,
      cli: { mode: 'u2m', userName: ADMIN },
      profiles: ['DEFAULT'],
      isUserAuthorizationEnabled: true,
      hasRunner: false,
      tokenLifeMs: 3_600_000,
      delaysMs: { compute: 100, stop: 50, delete: 100, deploy: 100, appStart: 50 },
      ...settings,
    },
    principals: [
      { kind: 'user', id: 4001, userName: ADMIN, displayName: 'An Admin', groups: ['admins', 'users'] },
      { kind: 'user', id: 4002, userName: 'ann@example.com', displayName: 'Ann', groups: ['users'] },
    ],
    tokens: {},
    tokenCalls: {},
    apps: {},
    scopes: {},
    lakebase: { endpoints: {}, databases: {}, instances: {} },
    volumes: {},
    faults: [],
    lastId: 5000,
  };
}
