/** What launch.sh is told to start. */
import { AppError } from '../../protocol/errors.ts';
import type { InstanceKind } from '../../server/config.ts';

/** @throws AppError `config.invalid` */
export function instanceKind(word: string | undefined): InstanceKind {
  if (word === 'frontend' || word === 'backend') return word;
  throw new AppError('config.invalid', 'Say what to start: launch.sh frontend or launch.sh backend.');
}
