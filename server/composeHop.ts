/** Builds the frontend's way to the shards: as whom it goes, what it carries, and who is there. */
import { AppError } from '../protocol/errors.ts';
import type { Clock } from './base/clock.ts';
import type { Log } from './base/log.ts';
import type { FrontendConfig } from './config.ts';
import { principalTokens } from './databricks/workspaceClient.ts';
import { createSigner } from './identity/assertion.ts';
import { Gateway } from './shards/gateway.ts';
import { Hop, type HopTokens } from './shards/hop.ts';
import { askShard, type Question } from './shards/hopCall.ts';
import { HopCarriers } from './shards/hopCarriers.ts';
import { HopInspector } from './shards/hopInspector.ts';
import { ShardDirectory } from './shards/shardDirectory.ts';

export interface HopParts {
  directory: ShardDirectory;
  gateway: Gateway;
  inspector: HopInspector;
  close(): void;
}

export async function composeHop(config: FrontendConfig, world: { clock: Clock; log: Log }): Promise<HopParts> {
  const { clock, log } = world;
  const hop = new Hop(config.BACKEND_URLS, { tokens: hopTokens(config, clock), clock, log });
  const ask = (shardId: string, question: Question) => askShard(hop, shardId, question);
  const carriers = new HopCarriers(ask, log);
  const directory = new ShardDirectory({
    ids: config.BACKEND_URLS.map(({ id }) => id),
    ask,
    onUp: (shardId) => void carriers.learn(shardId),
    clock,
  });
  const sign = await createSigner(config.ASSERTION_PRIVATE_KEY);
  return {
    directory,
    gateway: new Gateway(hop, carriers, sign, log),
    inspector: new HopInspector(hop, carriers, sign),
    close() {
      directory.stop();
      hop.close();
    },
  };
}

/**
 * The platform's ingress is believed without a proof of its own, so everything that makes this sound is asked for at the start.
 * @throws AppError `config.invalid`
 */
export function checkIngress(config: FrontendConfig): void {
  if (config.INGRESS === 'none') return;
  if (config.AUTH_MODE !== 'proxy')
    throw new AppError('config.invalid', 'INGRESS=databricks wants AUTH_MODE=proxy: the ingress is who knows people');
  for (const name of ['DATABRICKS_HOST', 'DATABRICKS_CLIENT_ID', 'DATABRICKS_CLIENT_SECRET'] as const)
    if (!config[name])
      throw new AppError('config.invalid', `INGRESS=databricks wants ${name}: backends are reached with it`);
}

function hopTokens(config: FrontendConfig, clock: Clock): HopTokens | undefined {
  if (config.INGRESS === 'none') return undefined;
  const { DATABRICKS_HOST: host, DATABRICKS_CLIENT_ID: clientId, DATABRICKS_CLIENT_SECRET: clientSecret } = config;
  return principalTokens({ host: host!, clientId: clientId!, clientSecret: clientSecret! }, clock);
}
