/** Where the files of a session are: with its shard, as long as that has it, also after its program has ended. */
import { mayUse, type Caller, type Owned } from '../sessions/access.ts';
import { AppError } from '../../protocol/errors.ts';
import type { Workspace } from '../projects/workspace.ts';
import type { Place } from './places.ts';

interface Live extends Owned {
  cwd: string;
}
interface Stored extends Live {
  shardId: string;
}

export interface SessionPlacesOptions {
  shardId: string;
  live: (id: string) => Live | undefined;
  stored: (id: string) => Promise<Stored | undefined>;
  /** Why one that is with another shard has no files here. */
  whyNotHere: (caller: Caller, id: string) => Promise<AppError>;
  workspaceOf: (email: string) => Workspace;
}

export class SessionPlaces {
  constructor(private readonly options: SessionPlacesOptions) {}

  /** @throws AppError `session.not_found`, `session.wrong_shard`, `session.hibernated` */
  async of(caller: Caller, sessionId: string): Promise<Place> {
    const { cwd } = await this.#session(caller, sessionId);
    return { cwd, workspace: this.options.workspaceOf(caller.email) };
  }

  async #session(caller: Caller, id: string): Promise<Live> {
    const { live, stored, whyNotHere, shardId } = this.options;
    const running = live(id);
    const session = running ?? (await stored(id));
    if (!mayUse(caller, session)) throw new AppError('session.not_found', 'there is no such session');
    if (!running && (session as Stored).shardId !== shardId) throw await whyNotHere(caller, id);
    return session;
  }
}
