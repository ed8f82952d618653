/** Deployments of an app: refused as the platform refuses them, else begun. */
import { randomBytes } from 'node:crypto';
import { badRequest, invalid, notFound, optionalText, type Fields } from './answers.ts';
import { beginDeployment } from './settle.ts';
import type { AppRecord, Deployment, EnvVar, PlatformState } from './state.ts';
import type { WorkspaceTree } from './workspaceTree.ts';

const MODES = ['SNAPSHOT', 'AUTO_SYNC'];
const MAX_FILE_BYTES = 10_485_760;

export function createDeployment(
  state: PlatformState,
  record: AppRecord,
  tree: WorkspaceTree,
  body: Fields,
  caller: string,
): Deployment {
  const { app } = record;
  const path = optionalText(body, 'source_code_path') ?? app.default_source_code_path;
  if (!path) throw invalid('Source code path must be specified for the deployment.');
  if (!/^\/(Workspace|Users)\/./.test(path)) {
    throw invalid(`Source code path must be a valid workspace path: ${path}`);
  }
  if (app.compute_status.state !== 'ACTIVE') {
    throw badRequest(
      `Cannot deploy app ${app.name} as its compute is not in ACTIVE state (it is ${app.compute_status.state}). Start the app compute to deploy the app.`,
    );
  }
  if (app.pending_deployment) {
    throw badRequest(`Cannot deploy app ${app.name} as there is an active deployment in progress`);
  }
  const files = tree.files(path);
  if (files === null) throw notFound(`Source code path ${path} does not exist.`);
  const deployment = newDeployment(app.service_principal_client_id, path, body, caller);
  record.deployments.push(deployment);
  record.appYaml = tree.readText(`${path}/app.yaml`) ?? tree.readText(`${path}/app.yml`) ?? undefined;
  const tooLarge = files.find(({ bytes }) => bytes > MAX_FILE_BYTES);
  if (tooLarge) {
    const message = `Error downloading source code: ${tooLarge.path}: File is larger than ${MAX_FILE_BYTES} bytes`;
    deployment.status = { state: 'FAILED', message };
    return deployment;
  }
  beginDeployment(state, record, deployment);
  return deployment;
}

function newDeployment(principal: string, path: string, body: Fields, caller: string): Deployment {
  const mode = optionalText(body, 'mode') ?? 'SNAPSHOT';
  if (!MODES.includes(mode)) throw invalid(`Invalid deployment mode: ${mode}`);
  const id = optionalText(body, 'deployment_id') ?? `01f0${randomBytes(14).toString('hex')}`;
  const now = new Date().toISOString();
  return {
    deployment_id: id,
    source_code_path: path.replace(/\/+$/, ''),
    mode,
    deployment_artifacts: { source_code_path: `/Workspace/Users/${principal}/src/${id}` },
    status: { state: 'IN_PROGRESS', message: '' },
    creator: caller,
    create_time: now,
    update_time: now,
    ...commandOf(body),
    ...envOf(body),
  };
}

function commandOf(body: Fields): { command?: string[] } {
  const command = body['command'];
  if (command === undefined) return {};
  if (!Array.isArray(command) || command.some((word) => typeof word !== 'string')) throw invalid('Invalid command');
  return { command: command as string[] };
}

function envOf(body: Fields): { env_vars?: EnvVar[] } {
  const vars = body['env_vars'];
  if (vars === undefined) return {};
  if (!Array.isArray(vars)) throw invalid('Invalid env_vars');
  for (const one of vars as Fields[]) {
    const hasValue = typeof one['value'] === 'string';
    const hasSource = typeof one['value_from'] === 'string';
    if (typeof one['name'] !== 'string' || hasValue === hasSource) {
      throw invalid('Each of env_vars needs a name and either value or value_from');
    }
  }
  return { env_vars: vars as EnvVar[] };
}

export function findDeployment(record: AppRecord, id: string): Deployment {
  const deployment = record.deployments.find(({ deployment_id: one }) => one === id);
  if (!deployment) throw notFound(`Deployment ${id} of app ${record.app.name} does not exist.`);
  return deployment;
}

/** Only the names of a deployment's variables are ever read back. */
export function masked(deployment: Deployment): Deployment {
  if (!deployment.env_vars) return deployment;
  return { ...deployment, env_vars: deployment.env_vars.map(({ name }) => ({ name })) };
}
