/** One JSON object a line; never terminal contents, tokens or passwords. */
import { pino, type Logger } from 'pino';

export type Log = Logger;

/** @param file a path, or nothing for stdout */
export function createLog(appInstance: string, level: string, file?: string): Log {
  const options = {
    level,
    base: { app_instance: appInstance },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: {
      // PostgreSQL's `detail` quotes whole rows.
      paths: ['*.authorization', '*.cookie', '*["x-holdfast-assertion"]', '*["x-forwarded-access-token"]', '*.detail'],
      remove: true,
    },
  };
  return pino(options, pino.destination({ ...(file ? { dest: file, mkdir: true } : { dest: 1 }), sync: true }));
}

export const silentLog: Log = pino({ level: 'silent' });
