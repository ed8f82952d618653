/**
 * A repository seen through a git directory of our own: its objects, branches and index, and none of its settings. So no hook,
 * filter, monitor or helper that it names is ever started, and nothing that we write lands in it.
 */
import { cp, copyFile, lstat, mkdir, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { constants } from 'node:fs';
import { join } from 'node:path';
import { personalExcludes, smallText, type Repository } from './repository.ts';
import { GitError, runGit, type GitOptions } from './runGit.ts';

/** How a person's files become git's: without these each file would look changed, or become another one. */
const FORM = /^core\.(autocrlf|eol|filemode|symlinks|ignorecase|precomposeunicode)$/;

export class Shadow {
  private constructor(
    readonly repository: Repository,
    readonly gitDir: string,
    /** Settings of the repository, read as text: keys in lower case but for names in their middle. */
    readonly settings: readonly [string, string][],
    readonly format: 'sha1' | 'sha256',
    readonly shallow: string | null,
  ) {}

  /** @param home the person's; @param scratch a folder of ours, made here. @throws GitError for what we cannot read */
  static async of(repository: Repository, home: string, scratch: string): Promise<Shadow> {
    const { commonDir } = repository;
    await mkdir(scratch, { mode: 0o700 });
    const settings = await settingsOf(repository, scratch);
    const value = (key: string) => settings.findLast(([name]) => name === key)?.[1];
    if ((value('extensions.refstorage') ?? 'files') !== 'files')
      throw new GitError('its branches are stored in a way we do not read');
    if (value('extensions.partialclone') !== undefined) throw new GitError('it is a partial clone');
    const format = value('extensions.objectformat') === 'sha256' ? 'sha256' : 'sha1';
    const gitDir = join(scratch, 'git');
    await mkdir(join(gitDir, 'objects/info'), { recursive: true });
    await mkdir(join(gitDir, 'refs/heads'), { recursive: true });
    await mkdir(join(gitDir, 'info'));
    if (commonDir.includes('\n')) throw new GitError('its path has a line break');
    await writeFile(join(gitDir, 'objects/info/alternates'), `${join(commonDir, 'objects')}\n`);
    const shallow = (await smallText(join(commonDir, 'shallow'))) ?? null;
    if (shallow !== null) await writeFile(join(gitDir, 'shallow'), shallow);
    await writeFile(join(gitDir, 'config'), configOf(settings, format));
    const excludes = [await personalExcludes(home, settings), await smallText(join(commonDir, 'info/exclude'))];
    await writeFile(join(gitDir, 'info/exclude'), excludes.map((text) => `${text ?? ''}\n`).join(''));
    const shadow = new Shadow(repository, gitDir, settings, format, shallow);
    await shadow.#copyRefs();
    await shadow.#copyIndex();
    return shadow;
  }

  get head(): Promise<string> {
    return smallText(join(this.gitDir, 'HEAD')).then((text) => (text ?? '').trim());
  }

  /** In the person's working tree. @param index a file in our git directory */
  git(args: readonly string[], options: GitOptions = {}, index = 'index'): Promise<Buffer> {
    const { gitDir, repository } = this;
    return runGit({ gitDir, workTree: repository.workTree, indexFile: join(gitDir, index) }, args, options);
  }

  async text(args: readonly string[], options: GitOptions = {}, index?: string): Promise<string> {
    return (await this.git(args, options, index)).toString().trim();
  }

  /** A copy of an index, or an empty one where there is none yet. */
  async copyOfIndex(name: string): Promise<string> {
    await copyIndexFile(join(this.gitDir, 'index'), join(this.gitDir, name)).catch(ignoreMissing);
    return name;
  }

  /** KiB of objects that are the repository's own. */
  async objectKib(): Promise<number> {
    const objects = join(this.repository.commonDir, 'objects');
    const text = (await runGit({ gitDir: this.gitDir, objects }, ['count-objects', '-v'])).toString();
    const of = (name: string) => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
    return of('size') + of('size-pack');
  }

  async #copyRefs(): Promise<void> {
    const { gitDir, commonDir } = this.repository;
    const head = await smallText(join(gitDir, 'HEAD'));
    if (!head) throw new GitError('it has no HEAD');
    await writeFile(join(this.gitDir, 'HEAD'), head);
    const packed = join(commonDir, 'packed-refs');
    if ((await lstat(packed).catch(() => undefined))?.isFile())
      await copyFile(packed, join(this.gitDir, 'packed-refs'));
    await cp(join(commonDir, 'refs'), join(this.gitDir, 'refs'), {
      recursive: true,
      filter: async (path) => {
        const stats = await lstat(path).catch(() => undefined);
        return stats !== undefined && (stats.isDirectory() || (stats.isFile() && stats.size < 4096));
      },
    });
    // Ours, of an earlier time: a bundle would carry them on for ever.
    await rm(join(this.gitDir, 'refs/holdfast'), { recursive: true, force: true });
  }

  async #copyIndex(): Promise<void> {
    const { gitDir } = this.repository;
    const parts = (await readdir(gitDir)).filter((name) => name === 'index' || name.startsWith('sharedindex.'));
    for (const name of parts) {
      const stats = await lstat(join(gitDir, name)).catch(() => undefined);
      if (stats?.isFile()) await copyIndexFile(join(gitDir, name), join(this.gitDir, name));
    }
  }
}

/**
 * With its time, or an earlier one of the same second: a file that was changed in the second in which the index was written looks
 * unchanged to git, which therefore reads files again that are not older than the index (gitformat-index, racy-git).
 */
async function copyIndexFile(from: string, to: string): Promise<void> {
  const { mtimeMs } = await stat(from); // before: what is written meanwhile is newer
  await copyFile(from, to, constants.COPYFILE_FICLONE);
  const second = new Date(Math.floor(mtimeMs / 1000) * 1000);
  await utimes(to, second, second);
}

async function settingsOf({ commonDir, gitDir }: Repository, scratch: string): Promise<[string, string][]> {
  const files = [join(commonDir, 'config'), join(gitDir, 'config.worktree')];
  const found: [string, string][] = [];
  for (const file of files) {
    const text = await smallText(file);
    if (text === undefined) continue;
    await writeFile(join(scratch, 'settings'), text);
    const listed = await runGit({ gitDir: scratch }, [
      'config',
      '--file',
      join(scratch, 'settings'),
      '--no-includes',
      '--list',
      '-z',
    ]);
    for (const entry of listed.toString().split('\0').filter(Boolean)) {
      const [key, ...value] = entry.split('\n');
      found.push([key!, value.join('\n')]);
    }
  }
  return found;
}

function configOf(settings: readonly [string, string][], format: 'sha1' | 'sha256'): string {
  const form = settings.flatMap(([key, value]) =>
    FORM.test(key) && /^\w+$/.test(value) ? [`\t${key.slice(5)} = ${value}\n`] : [],
  );
  const extension = format === 'sha256' ? '[extensions]\n\tobjectFormat = sha256\n' : '';
  return `[core]\n\trepositoryformatversion = ${format === 'sha256' ? 1 : 0}\n\tbare = false\n${form.join('')}${extension}`;
}

function ignoreMissing(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}
