/** An older release of this repository, built in a folder of its own with the dependencies it had. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export interface OlderRelease {
  /** With `dist/` in it. */
  root: string;
  /** As git describes it. */
  name: string;
  remove(): void;
}

/**
 * @param revision of git: a tag, a branch, a commit
 * @throws when there is no such revision, or it cannot be built; nothing is left then
 */
export function buildOlderRelease(revision: string): OlderRelease {
  const here = resolve(import.meta.dirname, '../..');
  const root = mkdtempSync(join(tmpdir(), 'hf-older-'));
  const run = (command: string, args: string[], cwd = root) =>
    execFileSync(command, args, { cwd, stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' }).trim();
  const remove = () => rmSync(root, { recursive: true, force: true });
  try {
    run('git', ['clone', '--quiet', '--no-checkout', here, root], here);
    // A branch or a tag means what it does here.
    run('git', [
      'checkout',
      '--quiet',
      '--detach',
      run('git', ['rev-parse', '--verify', `${revision}^{commit}`], here),
    ]);
    run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel', 'error']);
    run('npm', ['run', '--silent', 'build']);
    return { root, name: run('git', ['log', '-1', '--format=%h of %as']), remove };
  } catch (error) {
    remove();
    throw error;
  }
}
