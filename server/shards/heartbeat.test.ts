import { pino } from 'pino';
import { expect, test } from 'vitest';
import { ManualClock } from '../testing/manualClock.ts';
import { until } from '../testing/until.ts';
import { Heartbeat } from './heartbeat.ts';

test('why the database is away is said once for each absence, also when it was away from the start', async () => {
  const said: string[] = [];
  const log = pino({}, { write: (text: string) => void said.push((JSON.parse(text) as { err: Error }).err.message) });
  const outcomes = ['not trusted', 'not trusted', '', 'gone', 'gone', ''];
  let beats = 0;
  const beat = () => {
    const reason = outcomes[beats++];
    return reason ? Promise.reject(new Error(reason)) : Promise.resolve();
  };
  const clock = new ManualClock();
  const heartbeat = new Heartbeat(beat, () => undefined, clock, log);
  await heartbeat.start();
  while (beats < outcomes.length) {
    await until(() => clock.pendingTimers === 1); // the next beat is due; this one is over, with its limit
    const before = beats;
    while (beats === before) clock.advance(1_000);
  }
  await until(() => clock.pendingTimers === 1);
  heartbeat.close();
  expect([beats, said]).toEqual([outcomes.length, ['not trusted', 'gone']]);
});
