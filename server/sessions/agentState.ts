/** Whether an agent's conversation is on this machine. */
import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Agent } from './agents.ts';

/** False as well when it cannot be read: the agent could not either. */
export async function hasConversation(
  agent: Agent,
  env: Readonly<Record<string, string>>,
  id: string,
): Promise<boolean> {
  const { directory, file } = agent.state(env, id);
  const folders = await readdir(directory).catch(() => []);
  const found = await Promise.all(
    folders.map((folder) =>
      access(join(directory, folder, file)).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.includes(true);
}
