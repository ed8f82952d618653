/** Where checkpoints are kept: objects of a few MiB under keys like paths. It may be away at any time. */
import { AppError } from '../../protocol/errors.ts';

/** Every method rejects with AppError `state.unavailable` when the store cannot do it now. */
export interface StateStore {
  /** Where it is, for logs; without secrets. */
  readonly name: string;
  /** Whole or not at all: nobody reads half of it, and what stood there before stays until it is whole. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** Undefined when there is none. */
  get(key: string): Promise<Buffer | undefined>;
  /** Also when there is none. */
  delete(key: string): Promise<void>;
  /** All keys in a folder and in those below it, such as `sessions/<id>`; in no order. */
  list(folder: string): Promise<string[]>;
  /** Deletes a folder with all that is in it. */
  clear(folder: string): Promise<void>;
}

const KEY = /^[a-z0-9][a-z0-9.-]*(\/[a-z0-9][a-z0-9.-]*)*$/;

/** Keys are ours alone; this keeps a mistake from leading out of the store. */
export function checkKey(key: string): string {
  if (!KEY.test(key)) throw new Error(`${key} is no key of the state store`);
  return key;
}

export function unavailable(store: string, what: string, cause?: unknown): AppError {
  return new AppError('state.unavailable', `the state store (${store}) ${what}`, { cause });
}
