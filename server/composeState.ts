/** The state store of a backend and what works with it; undefined when it is switched off. */
import { join } from 'node:path';
import { AppError } from '../protocol/errors.ts';
import type { Clock } from './base/clock.ts';
import type { Log } from './base/log.ts';
import type { StoreSetting } from './base/stateSetting.ts';
import type { BackendConfig } from './config.ts';
import { principalTokens, WorkspaceClient } from './databricks/workspaceClient.ts';
import { CheckpointStore } from './state/checkpointStore.ts';
import { folderStore } from './state/folderStore.ts';
import { KnownStates } from './state/knownStates.ts';
import { checkpointKey } from './state/partSeal.ts';
import { s3Store } from './state/s3Store.ts';
import { SessionStates } from './state/sessionStates.ts';
import type { StateStore } from './state/stateStore.ts';
import { volumeStore } from './state/volumeStore.ts';

export async function openStates(config: BackendConfig, clock: Clock, log: Log): Promise<SessionStates | undefined> {
  const home = config.HOLDFAST_HOME;
  const store = openStore(config.STATE_STORE ?? { kind: 'folder', path: join(home, 'state') }, config, clock);
  if (!store) return undefined;
  const shardId = config.SHARD_ID;
  const states = new SessionStates({
    checkpoints: new CheckpointStore(store, checkpointKey(config.SCREENS_KEY)),
    // Beside the files that it tells of: it goes with their disk.
    known: new KnownStates(join(peopleDirectoryOf(config), '.known-states')),
    scratch: join(home, 'state-scratch', shardId),
    shardId,
    clock,
    log,
  });
  await states.clean();
  log.info({ store: store.name }, 'sessions are stored for other shards');
  return states;
}

export function peopleDirectoryOf({ PEOPLE_DIR: given, HOLDFAST_HOME: home }: BackendConfig): string {
  return given ?? join(home, 'people');
}

/** @throws AppError `config.invalid` when the store wants what is not there */
function openStore(setting: StoreSetting, config: BackendConfig, clock: Clock): StateStore | undefined {
  if (setting.kind === 'none') return undefined;
  if (setting.kind === 'folder') return folderStore(setting.path);
  if (setting.kind === 's3') {
    const { STATE_S3_ACCESS_KEY_ID: accessKeyId, STATE_S3_SECRET_ACCESS_KEY: secretAccessKey } = config;
    if (!accessKeyId || !secretAccessKey) throw missing('STATE_S3_ACCESS_KEY_ID and STATE_S3_SECRET_ACCESS_KEY');
    return s3Store(setting.place, { accessKeyId, secretAccessKey });
  }
  const { DATABRICKS_HOST: host, DATABRICKS_CLIENT_ID: clientId, DATABRICKS_CLIENT_SECRET: clientSecret } = config;
  if (!host || !clientId || !clientSecret)
    throw missing('DATABRICKS_HOST, DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET');
  const tokens = principalTokens({ host, clientId, clientSecret }, clock);
  return volumeStore(setting.path, new WorkspaceClient(host, tokens, clock));
}

function missing(names: string): AppError {
  return new AppError('config.invalid', `the configuration is not valid. STATE_STORE wants ${names}`);
}
