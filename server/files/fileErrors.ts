/** Failures of the file system, as errors that a person can do something with. */
import { AppError } from '../../protocol/errors.ts';

const NOT_THERE = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG']);
const NOT_PERMITTED = new Set(['EACCES', 'EPERM', 'EROFS', 'EXDEV']);
const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** @param what the file's or directory's name, for the sentence */
export function fileError(error: unknown, what: string): unknown {
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? '';
  if (NOT_THERE.has(code)) return new AppError('file.not_found', `there is no ${what}`, { cause: error });
  if (NOT_PERMITTED.has(code))
    return new AppError('file.not_permitted', `the shard may not read or write ${what}`, { cause: error });
  if (FULL.has(code)) return new AppError('file.disk_full', 'the disk of the shard is full', { cause: error });
  return error;
}
