/** Asks deployed instances how they are, as the one who deploys, and reads the ingress's refusals for what they are. */
import { AppError } from '../../protocol/errors.ts';
import { Health } from '../../protocol/health.ts';

const REQUEST_TIMEOUT_MS = 15_000;

/** How often something is asked, and how long it is waited in between, before its last answer counts. */
export interface Patience {
  attempts: number;
  pollMs: number;
}

/** A token of the one who deploys, for the `Authorization` that the ingress asks for. */
export type Bearer = () => Promise<string>;

/**
 * The health that an instance tells of itself. A new process may need a moment behind the ingress after the platform calls it running.
 * @throws AppError `shard.unreachable`, whose sentence says what the answer means
 */
export function healthOf(origin: string, expected: string, bearer: Bearer, patience: Patience): Promise<Health> {
  return untilWell(patience, async () => {
    const answer = await ask(`${origin}/api/health`, bearer);
    const trouble = 'health' in answer ? troubleIn(answer.health, expected) : answer.reason;
    if ('health' in answer && !trouble) return answer.health;
    throw new AppError('shard.unreachable', `${expected} is not well: ${trouble}`);
  });
}

/** Asks until it does not reject with `shard.unreachable`, whose last one is thrown in the end. */
export async function untilWell<T>({ attempts, pollMs }: Patience, ask: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      const mayPass = error instanceof AppError && error.code === 'shard.unreachable';
      if (!mayPass || attempt >= attempts) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

/** A database that sleeps, or a host that just starts, is given the time of all attempts. */
function troubleIn({ app_instance: name, status, database, ptyhost }: Health, expected: string): string | undefined {
  if (name !== expected) return `it says that it is ${name}`;
  const host = ptyhost && ptyhost !== 'ok' ? `, its pty host ${ptyhost}` : '';
  return status === 'ok' ? undefined : `it is ${status}: the database is ${database}${host}`;
}

async function ask(url: string, bearer: Bearer): Promise<{ health: Health } | { reason: string }> {
  try {
    const response = await fetch(url, {
      redirect: 'manual', // a redirect is the ingress's way to say that the token is not good
      headers: { Authorization: `Bearer ${await bearer()}` },
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    const text = await response.text();
    const health = Health.safeParse(parsed(text));
    if (response.status === 200 && health.success) return { health: health.data };
    return { reason: meaningOf(response.status, text) };
  } catch (error) {
    return { reason: `it cannot be reached (${(error as Error).message})` };
  }
}

/** What the ingress means by its status; its body may be a web page. */
function meaningOf(status: number, text: string): string {
  if ((status >= 300 && status < 400) || status === 401) return 'the ingress refuses our token';
  if (status === 403) return 'the ingress lets us through to other apps only: no CAN_USE on this one';
  if (status === 502 || status === 504) return `the app does not listen (${status} from the ingress)`;
  return `it answered ${status}${/<html|<!doctype/i.test(text) ? ' with a web page' : ''}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
