/** What a pty host is told by the backend that starts it. */
import { z } from 'zod';

export const HostSettings = z.object({
  shardId: z.string().min(1),
  key: z.string().min(16),
  /** Unix socket, at most 107 bytes on Linux; up to 12 are needed beside it while it is made. */
  socketPath: z.string().min(1).max(95),
  pidFile: z.string().min(1),
  directory: z.string().min(1),
  /** Without one its lines go to stdout. */
  logFile: z.string().min(1).optional(),
  logLevel: z.string().default('info'),
  logCapacityBytes: z.number().int().positive().optional(),
  endGraceMs: z.number().int().positive().optional(),
});
export type HostSettings = z.infer<typeof HostSettings>;
