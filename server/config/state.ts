/** Where people's files are, and where what their sessions need elsewhere is kept. */
import { z } from 'zod';
import { storeSetting } from '../base/stateSetting.ts';

/** Templates and shells set to nothing what is not meant. */
const Text = z
  .string()
  .optional()
  .transform((text) => text || undefined);

export const StateEnvironment = {
  /** A folder for each person; by default in HOLDFAST_HOME. */
  PEOPLE_DIR: Text,
  /** By default a folder in HOLDFAST_HOME. */
  STATE_STORE: Text.transform((text, context) => {
    if (text === undefined) return undefined;
    const setting = storeSetting(text);
    if (setting) return setting;
    context.addIssue('must be none, folder:/path, s3://bucket/prefix?endpoint=…&region=…, or volume:/Volumes/…');
    return z.NEVER;
  }),
};

export const StateSecrets = {
  STATE_S3_ACCESS_KEY_ID: Text,
  STATE_S3_SECRET_ACCESS_KEY: Text,
};
