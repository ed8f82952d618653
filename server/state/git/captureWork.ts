/** A repository's uncommitted work as one bundle of git and a few words beside it. The repository itself is only read. */
import { rm, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Gathered } from '../checkpointStore.ts';
import { WHOLE_REPOSITORY_BYTES } from '../limits.ts';
import type { LeftOut, WorkPart } from '../manifest.ts';
import { GitError } from './runGit.ts';
import type { Shadow } from './shadow.ts';
import { entriesOf, list, stateOf, type WorkState } from './workState.ts';

export interface CapturedWork {
  work: Omit<WorkPart, 'place' | 'earlier'>;
  file: Gathered | undefined;
  leftOut: LeftOut[];
}

const BUNDLE = 'work-bundle';
/** Of the repository's own settings these are stored: where it came from, and how its lines end. */
const KEPT_SETTINGS =
  /^(remote\..+\.(url|pushurl|fetch)|branch\..+\.(remote|merge)|core\.(autocrlf|eol|filemode|symlinks|ignorecase)|user\.(name|email))$/s;

/** @param folder of ours, where the bundle is put; @param budgetBytes for it, before compression. @throws GitError */
export async function captureWork(shadow: Shadow, folder: string, budgetBytes: number): Promise<CapturedWork> {
  const state = await stateOf(shadow, budgetBytes);
  const leftOut = [...state.leftOut];
  const workCommit = await nameAll(shadow, state);
  const path = join(folder, BUNDLE);
  const bundle = await bundled(shadow, path, budgetBytes);
  if (!bundle) leftOut.push({ what: 'changes and commits', why: 'too large' });
  const { stateId, head, headCommit, indexTree, gitFiles } = state;
  return {
    work: {
      stateId,
      bundle: bundle ? { kind: bundle.kind, file: BUNDLE } : null,
      format: shadow.format,
      head,
      headCommit,
      indexTree,
      workCommit,
      unmerged: state.unmerged.toString('base64'),
      gitFiles,
      config: shadow.settings
        .filter(([key]) => KEPT_SETTINGS.test(key))
        .map(([key, value]) => ({ key, value: bare(key, value) })),
      shallow: shadow.shallow,
    },
    file: bundle && { name: BUNDLE, path, sizeBytes: bundle.sizeBytes },
    leftOut,
  };
}

/** Gives everything a name in the shadow, so that a bundle holds it. @returns the commit of the files as they lie there */
async function nameAll(shadow: Shadow, state: WorkState): Promise<string> {
  const name = (ref: string, id: string) => shadow.git(['update-ref', `refs/holdfast/${ref}`, id]);
  const { headCommit } = state;
  const commit = (tree: string, message: string, parents: string[]) =>
    shadow.text(['commit-tree', tree, '-m', message, ...parents.flatMap((parent) => ['-p', parent])]);
  const index = await commit(state.indexTree, 'What was staged', headCommit ? [headCommit] : []);
  const work = await commit(state.workTree, 'What was in the working tree', [index]);
  await name('index', index);
  await name('work', work);
  if (headCommit) await name('head', headCommit);
  const blobs = [...new Set(entriesOf(state.unmerged).map((entry) => entry.split(/[ \t]/)[1]!))];
  if (blobs.length > 0) {
    const tree = await shadow.text(['mktree', '-z'], { input: list(blobs.map((id, i) => `100644 blob ${id}\t${i}`)) });
    await name('unmerged', await commit(tree, 'The sides of a conflict', []));
  }
  for (const [i, id] of pendingIn(state).entries()) await name(`pending/${i}`, id).catch(() => undefined);
  return work;
}

/** Commits that only a small file names: the other side of a merge, and each stash. */
function pendingIn({ gitFiles }: WorkState): string[] {
  const ids = gitFiles.flatMap(({ name, text }) => {
    if (name === 'logs/refs/stash') return text.split('\n').map((line) => line.split(' ')[1] ?? '');
    return name.endsWith('_HEAD') ? text.split('\n') : [];
  });
  return [...new Set(ids)].filter((id) => /^[0-9a-f]{40,64}$/.test(id)).slice(-50);
}

type Kind = NonNullable<WorkPart['bundle']>['kind'];

/** As much as fits: all of a small repository, or what no remote has, or only what is not committed. */
async function bundled(shadow: Shadow, path: string, budgetBytes: number) {
  const isSmall = (await shadow.objectKib()) * 1024 <= WHOLE_REPOSITORY_BYTES;
  const ways: [Kind, string[]][] = [
    ...(isSmall ? [['whole', ['--all']] satisfies [Kind, string[]]] : []),
    ['local', ['--branches', '--glob=refs/holdfast/*', '--glob=refs/stash*', '--not', '--remotes']],
    ['changes', ['--glob=refs/holdfast/*', '--glob=refs/stash*', '--not', '--branches', 'refs/holdfast/head']],
  ];
  for (const [kind, what] of ways) {
    try {
      await shadow.git(['bundle', 'create', '--quiet', path, ...what]);
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
      continue; // such as a history that is not all there
    }
    const { size: sizeBytes } = await stat(path);
    if (sizeBytes <= budgetBytes) return { kind, sizeBytes };
    await rm(path);
  }
  return undefined;
}

/** An address without who may use it. */
function bare(key: string, value: string): string {
  if (!/\.(url|pushurl)$/.test(key)) return value;
  return value.replace(/^(https?:\/\/)[^/@]*@/i, '$1').replace(/^([a-z+]+:\/\/[^/@:]*):[^/@]*@/i, '$1@');
}

/** Where the work was, in words that mean the same on another disk. */
export function placeOf(workTree: string, root: string): WorkPart['place'] {
  const inside = relative(root, workTree);
  if (inside === '') return { inside: '.' };
  return inside === '..' || inside.startsWith('../') ? { absolute: workTree } : { inside };
}
