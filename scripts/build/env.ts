/** What a build may be told about itself, by the arguments of an image. */
import type { ToldToBuild } from './version.ts';

export const told: ToldToBuild = {
  version: process.env.HOLDFAST_VERSION,
  commit: process.env.HOLDFAST_COMMIT,
  builtAt: process.env.HOLDFAST_BUILT_AT,
};
