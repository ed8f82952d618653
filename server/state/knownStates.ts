/** Which states of a working tree this disk has had: a stored one among them is nothing new here. Lies on the disk that it tells of. */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MAX_EARLIER } from './limits.ts';

export class KnownStates {
  constructor(private readonly folder: string) {}

  /** Newest first. */
  async of(workTree: string): Promise<string[]> {
    const text = await readFile(this.#file(workTree), 'utf8').catch(() => '');
    return text.split('\n').filter(Boolean);
  }

  /** @param ids newest first */
  async add(workTree: string, ids: readonly string[]): Promise<void> {
    const known = await this.of(workTree);
    if (known[0] === ids[0]) return;
    const all = [...new Set([...ids, ...known])].slice(0, MAX_EARLIER);
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const unfinished = `${this.#file(workTree)}.${randomUUID()}`;
    await writeFile(unfinished, `${all.join('\n')}\n`, { mode: 0o600 });
    await rename(unfinished, this.#file(workTree));
  }

  #file(workTree: string): string {
    return join(this.folder, createHash('sha256').update(workTree).digest('hex'));
  }
}
