/** Entry of the frontend: serves the app, knows who the person is, and carries their traffic to their shard. */
import { systemClock } from './base/clock.ts';
import { runEntry } from './base/entry.ts';
import { openLifeline } from './base/lifeline.ts';
import { createLog } from './base/log.ts';
import { VERSION } from './base/version.ts';
import { startFrontend } from './composeFrontend.ts';
import { readFrontendConfig, secretsDescriptor } from './config.ts';

runEntry(async () => {
  process.title = 'holdfast-frontend';
  const lifeline = await openLifeline(secretsDescriptor());
  const config = readFrontendConfig(lifeline.secrets, VERSION);
  const log = createLog(config.APP_INSTANCE, config.LOG_LEVEL);
  const server = await startFrontend(config, { clock: systemClock, log });
  return { running: { log, stop: () => server.stop() }, lifeline };
});
