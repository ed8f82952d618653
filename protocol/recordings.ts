/** A session's output as a recording: asciicast v2 (https://docs.asciinema.org/manual/asciicast/v2/), written by a shard and read by the player. */
import { z } from 'zod';
import { SessionId } from './sessions.ts';

/** Of the owner; any other shard answers `session.wrong_shard`. Answered as CAST_TYPE, as it is read from the log. */
export const RECORDING_PATH = '/api/v1/sessions/:sessionId/recording';
export const RecordingInput = z.object({ sessionId: SessionId });
export const CAST_TYPE = 'application/x-asciicast';

/** Output, resize (`80x24`), marker. */
export type CastCode = 'o' | 'r' | 'm';

export interface CastHeader {
  cols: number;
  rows: number;
  /** When it begins, in ms since the epoch. */
  startedAt: number;
  title: string;
  /** Output before it that is no longer kept. */
  skippedBytes: number;
}

export function headerLine({ cols, rows, startedAt, title, skippedBytes }: CastHeader): string {
  const timestamp = Math.floor(startedAt / 1000);
  const ours = skippedBytes > 0 ? { holdfast: { skippedBytes } } : {};
  return `${JSON.stringify({ version: 2, width: cols, height: rows, timestamp, title, ...ours })}\n`;
}

/** @param atMs since the recording began */
export function eventLine(atMs: number, code: CastCode, data: string): string {
  return `[${(atMs / 1000).toFixed(3)},"${code}",${JSON.stringify(data)}]\n`;
}
