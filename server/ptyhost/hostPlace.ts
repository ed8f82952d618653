/** A host's place in the file system: the path of its socket, which only one host may hold, and the folder of its logs. */
import { chmodSync, linkSync, lstatSync, mkdirSync, renameSync, rmSync, statSync, type Stats } from 'node:fs';
import { connect, type Server } from 'node:net';
import { dirname } from 'node:path';

/** What a host finds of its place. */
export interface Findings {
  socket: 'ours' | 'missing' | 'of another host';
  /** The folder of the logs is the one that we began with; false when the home was deleted or moved. */
  isDirectoryThere: boolean;
  hasController: boolean;
}

/**
 * A backend that is connected needs neither path. Without one, a host that no backend can find any more must end, and its
 * sessions with it: a pty that nobody can reach must not run. A socket file alone may have been tidied away by the system.
 */
export function verdict({ socket, isDirectoryThere, hasController }: Findings): 'stay' | 'listen again' | 'end' {
  if (isDirectoryThere && socket === 'missing') return 'listen again';
  const canBeFound = isDirectoryThere && socket === 'ours';
  return canBeFound || hasController ? 'stay' : 'end';
}

export class PathTaken extends Error {
  constructor(path: string) {
    super(`another pty host listens on ${path}`);
  }
}

export class HostPlace {
  #directory: Stats;
  #socket: Stats | undefined;

  /** @param directory must be there */
  constructor(
    readonly socketPath: string,
    readonly directory: string,
  ) {
    this.#directory = statSync(directory);
  }

  /**
   * Makes `server` listen on the path, which becomes visible by a link, so that of hosts that start together one wins.
   * A dead host's socket is removed. Rejects with PathTaken when a living one listens, also when it is frozen.
   */
  async take(server: Server): Promise<void> {
    const own = `${this.socketPath}.${process.pid}`;
    mkdirSync(dirname(this.socketPath), { recursive: true, mode: 0o700 });
    rmSync(own, { force: true });
    await listen(server, own);
    try {
      chmodSync(own, 0o600);
      while (!tryLink(own, this.socketPath)) {
        if (await answers(this.socketPath)) throw new PathTaken(this.socketPath);
        await this.#setAside();
      }
      this.#socket = lstatSync(this.socketPath);
    } catch (error) {
      server.close();
      throw error;
    } finally {
      rmSync(own, { force: true });
    }
  }

  look(): Omit<Findings, 'hasController'> {
    const socket = statsOf(() => lstatSync(this.socketPath));
    const directory = statsOf(() => statSync(this.directory));
    return {
      socket: !socket ? 'missing' : isSame(socket, this.#socket) ? 'ours' : 'of another host',
      isDirectoryThere: isSame(directory, this.#directory),
    };
  }

  /** Removes the socket, unless it is another host's by now. */
  leave(): void {
    if (this.look().socket === 'ours') rmSync(this.socketPath, { force: true });
  }

  /** Moves a dead socket away; puts it back when, between looking and moving, it became a living host's. */
  async #setAside(): Promise<void> {
    const aside = `${this.socketPath}.${process.pid}~`;
    try {
      renameSync(this.socketPath, aside);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw error;
    }
    if (await answers(aside)) tryLink(aside, this.socketPath);
    rmSync(aside, { force: true });
  }
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** True when a process listens, whether or not it is able to answer. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') resolve(false);
      else if (error.code === 'EAGAIN')
        resolve(true); // too many wait already for one that does not answer
      else reject(error);
    });
  });
}

function statsOf(look: () => Stats): Stats | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

function isSame(one: Stats | undefined, other: Stats | undefined): boolean {
  return one !== undefined && other !== undefined && one.ino === other.ino && one.dev === other.dev;
}
