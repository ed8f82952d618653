/** One-time sign-in links: the token goes to the terminal, its hash to the database. */
import { createHash } from 'node:crypto';
import type { Connection } from '../../db/connect.ts';
import { asAdmin } from '../../db/databases.ts';
import { newSecret } from './secrets.ts';

const LINK_MINUTES = 15;

/** `origin` has no slash at its end. */
export async function createSignInLink(connection: Connection, email: string, origin: string): Promise<string> {
  const token = newSecret();
  const hash = createHash('sha256').update(token).digest('hex');
  await asAdmin(connection, (client) =>
    client.query(
      `insert into holdfast.sign_in_links (token_hash, email, expires_at) values ($1, $2, now() + make_interval(mins => $3))`,
      [hash, email, LINK_MINUTES],
    ),
  );
  return `${origin}/sign-in?token=${token}`;
}
