/**
 * Puts stored work back into a person's directory. Never over anything that is newer or of another origin: then it is put beside,
 * on a branch or in a folder of its own, and the sentence says where.
 */
import { copyFile, cp, lstat, mkdir, open, readdir, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { WorkPart } from '../manifest.ts';
import { CHECKPOINT_BYTES } from '../limits.ts';
import { findRepository } from './repository.ts';
import { GitError, runGit, type GitPlace } from './runGit.ts';
import { Shadow } from './shadow.ts';
import { entriesOf, IN_PROGRESS, stateOf, type WorkState } from './workState.ts';

export interface RestorePlan {
  work: WorkPart;
  /** The bundle; absent when none was stored. */
  bundle: string | undefined;
  /** Where the work was, on this disk. */
  target: string;
  /** Repositories are looked for no higher than this. */
  within: string;
  home: string;
  /** A folder of ours that exists. */
  scratch: string;
  /** Names what is put beside: short, and the session's. */
  label: string;
}

export interface RestoredWork {
  outcome: 'same' | 'restored' | 'forwarded' | 'beside' | 'nothing';
  /** For the person. */
  sentence: string;
}

/** @throws GitError, and what the disk says */
export async function restoreWork(plan: RestorePlan): Promise<RestoredWork> {
  const { target, bundle } = plan;
  if (!bundle) return { outcome: 'nothing', sentence: 'The work was too large to be stored; it is not here.' };
  if (await isEmpty(target)) return makeAnew(plan, bundle, target);
  const repository = await findRepository(target, plan.within);
  if (repository?.workTree !== (await realpath(target))) return makeBeside(plan, bundle);
  const shadow = await Shadow.of(repository, plan.home, join(plan.scratch, 'here'));
  const here = await stateOf(shadow, CHECKPOINT_BYTES);
  if (here.stateId === plan.work.stateId) return { outcome: 'same', sentence: '' };
  if (!(await unbundled(shadow, bundle)))
    return keepBundle(plan, bundle, 'the repository here lacks what it builds on');
  const isForward = plan.work.earlier.includes(here.stateId) && repository.gitDir === join(repository.workTree, '.git');
  if (isForward && (await movedForward(plan.work, shadow, here)))
    return { outcome: 'forwarded', sentence: 'The files here were brought forward to the last stored state.' };
  return onBranch(plan, shadow);
}

/** A repository where there is nothing yet: made beside and moved into its place when it is whole. */
async function makeAnew(plan: RestorePlan, bundle: string, target: string): Promise<RestoredWork> {
  const { work } = plan;
  if (work.bundle!.kind !== 'whole') {
    const from = work.config.find(({ key }) => /^remote\..*\.url$/.test(key))?.value;
    const first = from ? `run “git clone ${from} .” first` : 'it has no remote to be cloned from';
    return keepBundle(plan, bundle, `the repository is too large to be stored whole: ${first}`);
  }
  await mkdir(dirname(target), { recursive: true });
  const made = join(dirname(target), `.${basename(target)}.holdfast-${plan.label}`);
  await rm(made, { recursive: true, force: true }); // what an earlier attempt left
  try {
    await mkdir(made, { mode: 0o755 });
    await fill(work, bundle, made);
    await rename(made, target);
  } finally {
    await rm(made, { recursive: true, force: true });
  }
  return { outcome: 'restored', sentence: `The repository and its uncommitted work were restored in ${target}.` };
}

/** Something else is in its place. */
async function makeBeside(plan: RestorePlan, bundle: string): Promise<RestoredWork> {
  if (plan.work.bundle!.kind !== 'whole') return keepBundle(plan, bundle, `${plan.target} holds something else`);
  const beside = await freeName(`${plan.target}-restored-${plan.label}`);
  await makeAnew(plan, bundle, beside);
  const sentence = `${plan.target} holds something else, so the stored work was put beside it: ${beside}`;
  return { outcome: 'beside', sentence };
}

async function keepBundle({ target, label }: RestorePlan, bundle: string, why: string): Promise<RestoredWork> {
  await mkdir(dirname(target), { recursive: true });
  const kept = await freeName(join(dirname(target), `${basename(target)}-${label}.bundle`));
  await copyFile(bundle, kept);
  const sentence =
    `The stored work could not be put in its place (${why}). It is kept in ${kept}: in a clone, ` +
    `“git fetch ${kept} refs/holdfast/work:refs/heads/holdfast/${label}” brings it as a branch.`;
  return { outcome: 'beside', sentence };
}

/** In a repository that went another way: as a branch that stands there for whoever wants it. */
async function onBranch({ work, label }: RestorePlan, shadow: Shadow): Promise<RestoredWork> {
  const { commonDir } = shadow.repository;
  await moveObjects(shadow.gitDir, commonDir);
  const real: GitPlace = { gitDir: commonDir };
  const taken = (await runGit(real, ['for-each-ref', '--format=%(refname)', 'refs/heads/holdfast']))
    .toString()
    .split('\n');
  let branch = `holdfast/${label}`;
  for (let number = 2; taken.includes(`refs/heads/${branch}`); number++) branch = `holdfast/${label}-${number}`;
  await runGit(real, ['update-ref', '--create-reflog', `refs/heads/${branch}`, work.workCommit, '']);
  const sentence = `The files here are not those that were stored, so they were left alone; the stored work is on the branch ${branch}.`;
  return { outcome: 'beside', sentence };
}

async function fill(work: WorkPart, bundle: string, directory: string): Promise<void> {
  const gitDir = join(directory, '.git');
  const place: GitPlace = { gitDir, workTree: directory };
  await mkdir(gitDir);
  // Without a working tree, which would be written down, and this folder is not its last place.
  await runGit({ gitDir }, [
    'init',
    '--quiet',
    '--template=',
    `--object-format=${work.format}`,
    '--initial-branch=main',
  ]);
  await runGit({ gitDir }, ['config', 'core.bare', 'false']);
  for (const { key, value } of work.config)
    await runGit(place, ['config', '--local', '--add', key, value]).catch(ignoreGit);
  if (work.shallow !== null) await writeFile(join(gitDir, 'shallow'), work.shallow);
  const refs = refsIn(await runGit(place, ['bundle', 'unbundle', bundle]));
  const updates = refs.filter(({ name }) => isTheirs(name)).map(({ name, id }) => `update ${name} ${id}\n`);
  await runGit(place, ['update-ref', '--stdin'], { input: updates.join('') });
  await setHead(place, work);
  // First the files, by an index of their own, then the index as it was.
  const files = { ...place, indexFile: join(gitDir, 'holdfast-index') };
  await runGit(files, ['read-tree', '--reset', '-u', `${work.workCommit}^{tree}`]);
  await rm(files.indexFile);
  await buildIndex(place, work);
  await writeGitFiles(gitDir, work);
}

/** What lies here is a state that the stored one has come from: the files are changed where the two differ. */
async function movedForward(work: WorkPart, shadow: Shadow, here: WorkState): Promise<boolean> {
  const { gitDir } = shadow.repository;
  try {
    // Refuses to touch anything that is not as `here` says.
    await shadow.git(['read-tree', '-m', '-u', here.workTree, `${work.workCommit}^{tree}`], {}, 'index.merged');
  } catch (error) {
    ignoreGit(error);
    return false;
  }
  await moveObjects(shadow.gitDir, gitDir);
  const refs = refsIn(await shadow.git(['for-each-ref', '--format=%(objectname) %(refname)', 'refs/bundle']));
  const updates = refs
    .map(({ name, id }) => ({ id, name: name.replace('refs/bundle/', 'refs/') }))
    .filter(({ name }) => isTheirs(name));
  const real: GitPlace = { gitDir, workTree: shadow.repository.workTree };
  await runGit(real, ['update-ref', '--stdin'], {
    input: updates.map(({ name, id }) => `update ${name} ${id}\n`).join(''),
  });
  await setHead(real, work);
  await buildIndex(
    { gitDir: shadow.gitDir, workTree: real.workTree!, indexFile: join(shadow.gitDir, 'index.final') },
    work,
  );
  await installIndex(join(shadow.gitDir, 'index.final'), gitDir);
  await writeGitFiles(gitDir, work);
  return true;
}

/** Into the shadow, under names that are in nobody's way. False when what it builds on is not here. */
async function unbundled(shadow: Shadow, bundle: string): Promise<boolean> {
  try {
    const refs = refsIn(await shadow.git(['bundle', 'unbundle', bundle])).filter(({ name }) =>
      name.startsWith('refs/'),
    );
    const updates = refs.map(({ name, id }) => `update ${name.replace('refs/', 'refs/bundle/')} ${id}\n`);
    await shadow.git(['update-ref', '--stdin'], { input: updates.join('') });
    return true;
  } catch (error) {
    ignoreGit(error);
    return false;
  }
}

async function buildIndex(place: GitPlace, work: WorkPart): Promise<void> {
  await runGit(place, ['read-tree', work.indexTree]);
  const unmerged = Buffer.from(work.unmerged, 'base64');
  if (entriesOf(unmerged).length > 0) await runGit(place, ['update-index', '-z', '--index-info'], { input: unmerged });
  await runGit(place, ['update-index', '-q', '--refresh']).catch(ignoreGit); // it fails where a file differs, as it should
}

async function setHead(place: GitPlace, { head, headCommit }: WorkPart): Promise<void> {
  const branch = /^ref: (refs\/heads\/.+)$/.exec(head)?.[1];
  if (branch) await runGit(place, ['symbolic-ref', 'HEAD', branch]);
  else if (headCommit) await runGit(place, ['update-ref', '--no-deref', 'HEAD', headCommit]);
}

/** Taken as git takes it, so that a git of the person's that runs now is not undermined. */
async function installIndex(from: string, gitDir: string): Promise<void> {
  const lock = join(gitDir, 'index.lock');
  await (await open(lock, 'wx')).close();
  try {
    await copyFile(from, lock);
    await rename(lock, join(gitDir, 'index'));
  } catch (error) {
    await rm(lock, { force: true });
    throw error;
  }
}

async function writeGitFiles(gitDir: string, { gitFiles }: WorkPart): Promise<void> {
  for (const name of IN_PROGRESS) await rm(join(gitDir, name), { force: true });
  for (const { name, text } of gitFiles) {
    await mkdir(dirname(join(gitDir, name)), { recursive: true });
    await writeFile(join(gitDir, name), text);
  }
}

/** Packs first, their index last: git looks for the latter. */
async function moveObjects(fromGitDir: string, toGitDir: string): Promise<void> {
  const [from, to] = [join(fromGitDir, 'objects/pack'), join(toGitDir, 'objects/pack')];
  await mkdir(to, { recursive: true });
  const names = await readdir(from).catch(() => []);
  for (const name of names.toSorted((a, b) => Number(a.endsWith('.idx')) - Number(b.endsWith('.idx'))))
    await cp(join(from, name), join(to, name), { force: false });
}

const isTheirs = (ref: string) =>
  /^refs\/(heads|tags|remotes|stash|notes)(\/|$)/.test(ref) && !/^refs\/remotes\/.*\/HEAD$/.test(ref);

function refsIn(output: Buffer): { id: string; name: string }[] {
  const lines = output.toString().split('\n').filter(Boolean);
  return lines.map((line) => ({ id: line.slice(0, line.indexOf(' ')), name: line.slice(line.indexOf(' ') + 1) }));
}

function ignoreGit(error: unknown): void {
  if (!(error instanceof GitError)) throw error;
}

async function isEmpty(directory: string): Promise<boolean> {
  try {
    return (await readdir(directory)).length === 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true;
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return false;
    throw error;
  }
}

async function freeName(path: string): Promise<string> {
  for (let number = 1, candidate = path; ; candidate = `${path}-${++number}`)
    if (!(await lstat(candidate).catch(() => undefined))) return candidate;
}
