/** What an instance says of itself without being asked who you are. */
import { z } from 'zod';

export const Health = z.object({
  status: z.enum(['ok', 'degraded']),
  app_instance: z.string(),
  active_pty_sessions: z.number().int(),
  version: z.string(),
  database: z.enum(['ok', 'unavailable', 'not_configured']),
  /** Backends only: the process that owns the terminals. `blocked` does not answer, `gone` died and is being replaced. */
  ptyhost: z.enum(['ok', 'blocked', 'gone']).optional(),
});
export type Health = z.infer<typeof Health>;
