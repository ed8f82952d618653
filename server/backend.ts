/** Entry of a backend: one shard's API and its terminals. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from './base/clock.ts';
import { EXIT_FENCED, runEntry } from './base/entry.ts';
import { openLifeline } from './base/lifeline.ts';
import { createLog } from './base/log.ts';
import { VERSION } from './base/version.ts';
import { startBackend } from './compose.ts';
import { readBackendConfig, secretsDescriptor } from './config.ts';

/** The other programs stand beside this one, in the build as in the source tree. */
const here = dirname(fileURLToPath(import.meta.url));

runEntry(async () => {
  process.title = 'holdfast-backend';
  const lifeline = await openLifeline(secretsDescriptor());
  const config = readBackendConfig(lifeline.secrets, VERSION);
  const log = createLog(config.APP_INSTANCE, config.LOG_LEVEL);
  const server = await startBackend(config, {
    clock: systemClock,
    log,
    programs: {
      ptyHost: [process.execPath, join(here, 'ptyHost.js')],
      screens: [process.execPath, join(here, 'screens.js')],
    },
    shellScripts: join(here, 'shells'),
    onFenced: () => {
      log.fatal('another backend of this shard took over; this one ends');
      process.exitCode = EXIT_FENCED;
      process.kill(process.pid, 'SIGTERM');
    },
  });
  return { running: { log, stop: () => server.stop() }, lifeline };
});
