/** What an instance says of itself without being asked who you are. */
import { z } from 'zod';
import { endpoint } from './endpoint.ts';

export const Health = z.object({
  status: z.enum(['ok', 'degraded']),
  app_instance: z.string(),
  active_pty_sessions: z.number().int(),
  version: z.string(),
  database: z.enum(['ok', 'unavailable', 'not_configured']),
  /** The pool of connections to the database. */
  pool: z
    .object({
      used: z.number().int(),
      free: z.number().int(),
      /** Who waits for a connection. */
      pending_acquires: z.number().int(),
      /** Logins under way. */
      pending_creates: z.number().int(),
      max: z.number().int(),
    })
    .optional(),
  /** Backends only: the process that owns the terminals. `blocked` does not answer, `gone` died and is being replaced. */
  ptyhost: z.enum(['ok', 'blocked', 'gone']).optional(),
});
export type Health = z.infer<typeof Health>;

export const getHealth = endpoint({ method: 'GET', path: '/api/health', input: z.object({}), output: Health });

/** Which carriers of a request reached a backend (`GET /api/hop`, public): that they did, and nothing of what they said. */
export const HopArrivals = z.object({
  instance: z.string(),
  /** Our header, and our parameter in the address. */
  header: z.boolean(),
  query: z.boolean(),
  /** `X-Forwarded-Email` and `X-Forwarded-User`. */
  forwardedEmail: z.boolean(),
  forwardedUser: z.boolean(),
});
export type HopArrivals = z.infer<typeof HopArrivals>;

/** Ways to keep the people of a shard apart: accounts of their own, bubblewrap, or namespaces alone. */
export const SandboxKind = z.enum(['uid', 'bubblewrap', 'namespaces']);
export type SandboxKind = z.infer<typeof SandboxKind>;

export const SandboxReport = z.object({
  /** What is in use; `none`: everyone's terminals run under the account of the backend. */
  used: z.literal('none'),
  /** What was tried on the shard's machine and worked. */
  possible: z.array(SandboxKind),
});
export type SandboxReport = z.infer<typeof SandboxReport>;

/** How one shard is reached from the frontend. */
export const HopReport = z.object({
  id: z.string(),
  /** Everything that was tried worked. */
  isUsable: z.boolean(),
  /** What it says of itself; null when it was not the shard that answered. */
  health: Health.nullable(),
  /** Null when the question was not answered. */
  arrivals: HopArrivals.omit({ instance: true }).nullable(),
  /** How assertions travel to it now. */
  carrier: z.enum(['header', 'query']),
  /** A request with an assertion was taken for the one who asks. */
  isSignedRequestTaken: z.boolean(),
  /** A websocket with an assertion was given. */
  isUpgradeTaken: z.boolean(),
  /** What the shard says of how people are kept apart on it; null when it says nothing. */
  sandbox: SandboxReport.nullable(),
  /** Sentences for an admin, of what did not work. */
  troubles: z.array(z.string()),
});
export type HopReport = z.infer<typeof HopReport>;

/** For admins: the same question with `deep=1` tries the way to every shard. */
export const getDeepHealth = endpoint({
  method: 'GET',
  path: '/api/health',
  input: z.object({ deep: z.literal('1') }),
  output: z.object({ ...Health.shape, shards: z.array(HopReport) }),
});

/** Whom a backend takes a request for (`GET /api/hop/caller`), and for admins how people are kept apart there. */
export const HopCaller = z.object({ email: z.string(), sandbox: SandboxReport.optional() });
