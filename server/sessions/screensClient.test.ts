import { pino } from 'pino';
import { expect, test } from 'vitest';
import { ManualClock } from '../testing/manualClock.ts';
import { until } from '../testing/until.ts';
import { ScreensClient } from './screensClient.ts';

test('what the screens process says before it dies stands in the log, in the log’s own form', async () => {
  const lines: { msg: string; line?: string }[] = [];
  const log = pino({}, { write: (text: string) => void lines.push(JSON.parse(text) as (typeof lines)[number]) });
  const events = {
    onFed: () => undefined,
    onAnswer: () => undefined,
    onSignal: () => undefined,
    onDied: () => undefined,
    onRestart: () => undefined,
  };
  const command = ['/bin/sh', '-c', 'printf "out of memory\\n  at somewhere" >&2; exit 134'];
  const client = new ScreensClient(command, events, new ManualClock(), log);
  await until(() => lines.length === 3);
  expect(lines.flatMap(({ line }) => line ?? [])).toEqual(['out of memory', '  at somewhere']);
  expect(lines).toContainEqual(expect.objectContaining({ code: 134 }));
  client.close();
});
