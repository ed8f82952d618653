/** What a build says of itself: its version, and behind a plus the commit and the time, in the letters that a version may have there. */
import { AppError } from '../../protocol/errors.ts';

export interface ToldToBuild {
  version: string | undefined;
  /** Of the sources, in full or shortened. */
  commit: string | undefined;
  /** Such as 2026-01-31T12:00:00Z. */
  builtAt: string | undefined;
}

/** An empty text is as none: that is how a build argument is left out. @throws AppError `config.invalid` */
export function buildVersion(packageVersion: string, { version, commit, builtAt }: ToldToBuild): string {
  if (version && !/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(version)) throw invalid('HOLDFAST_VERSION', 'like 1.2.3');
  if (commit && !/^[0-9a-f]{7,64}$/.test(commit)) throw invalid('HOLDFAST_COMMIT', 'the id of a commit');
  const time = builtAt ? new Date(builtAt) : undefined;
  if (time && Number.isNaN(time.getTime())) throw invalid('HOLDFAST_BUILT_AT', 'a time such as 2026-01-31T12:00:00Z');
  const parts = [commit?.slice(0, 12), time?.toISOString().replace(/[-:]|\.\d+/g, '')].filter(Boolean);
  return [version || packageVersion, parts.join('.')].filter(Boolean).join('+');
}

const invalid = (name: string, what: string) =>
  new AppError('config.invalid', `The variable ${name} is not usable: must be ${what}.`);
