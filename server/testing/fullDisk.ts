/** A disk of its own size for a folder of a test, so that it can be full. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export class SmallDisk {
  private constructor(readonly folder: string) {}

  /**
   * A tmpfs of this size on `folder`, made if missing; null where this user may not mount.
   * It lies in a mount namespace that all of this machine's tests share, so `remove` it.
   */
  static make(folder: string, bytes: number): SmallDisk | null {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes},mode=700`, 'holdfast-test', folder], {
        stdio: 'ignore',
      });
    } catch {
      return null;
    }
    return new SmallDisk(folder);
  }

  get freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.folder);
    return bavail * bsize;
  }

  /** Takes all but this much of the room. */
  leave(bytes: number): void {
    writeFileSync(this.#filler, Buffer.alloc(Math.max(0, this.freeBytes - bytes)));
  }

  /** Gives back the room that `leave` took. */
  makeRoom(): void {
    rmSync(this.#filler, { force: true });
  }

  remove(): void {
    execFileSync('umount', ['--lazy', this.folder]);
  }

  get #filler(): string {
    return join(this.folder, 'filler');
  }
}
