/** Sets a shard of the running instance to drain, or takes it back: `npm run drain -- backend-1 [--off]`. */
import { asAdmin } from '../db/databases.ts';
import { AppError } from '../protocol/errors.ts';
import { readSettings } from './supervisor/env.ts';
import { locateHome } from './supervisor/home.ts';
import { complain, say } from './supervisor/progress.ts';
import { connectionOf, launcherOn } from './supervisor/running.ts';

const USAGE = 'Say which shard: npm run drain -- backend-1, and with --off to let people in again.';

/** The next assignment counts with it at once; the shard itself, and those on it, hear of it when its lease is renewed. */
async function drain(args: string[]): Promise<string> {
  const isOff = args.includes('--off');
  const [shardId, ...more] = args.filter((arg) => arg !== '--off');
  if (!shardId || more.length > 0 || shardId.startsWith('-')) throw new AppError('config.invalid', USAGE);
  const settings = readSettings();
  const home = locateHome(settings.home);
  const connection = connectionOf(launcherOn(home), settings, home);
  const count = await asAdmin(connection, async (client) => {
    const since = isOff ? 'null' : 'coalesce(draining_since, now())';
    const result = await client.query(`update holdfast.shards set draining_since = ${since} where id = $1`, [shardId]);
    return result.rowCount;
  });
  if (count === 0) throw new AppError('shard.not_found', `There is no shard ${shardId}.`);
  return isOff
    ? `${shardId} takes new people again.`
    : `${shardId} is being drained: it takes no new people, and sessions there go on. Take it back with --off.`;
}

drain(process.argv.slice(2)).then(say, (error: Error) => {
  complain(error.message);
  process.exit(1);
});
