/** The environment of the command line. */
import { homedir } from 'node:os';
import { join } from 'node:path';

export interface AttachEnvironment {
  token: string | undefined;
  /** Where a person's own settings of Holdfast lie. */
  configDir: string;
}

export function readAttachEnvironment(given: Record<string, string | undefined> = process.env): AttachEnvironment {
  const base = given.XDG_CONFIG_HOME?.startsWith('/') ? given.XDG_CONFIG_HOME : join(homedir(), '.config');
  return { token: given.HOLDFAST_TOKEN || undefined, configDir: join(base, 'holdfast') };
}
