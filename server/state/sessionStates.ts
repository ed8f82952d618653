/** What one session needs to go on elsewhere: gathered into a checkpoint, and put back from it. */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { conversationSigns, gatherConversation, restoreConversation, type ConversationPlace } from './agentFiles.ts';
import type { CheckpointStore, SessionLife } from './checkpointStore.ts';
import { captureWork, placeOf } from './git/captureWork.ts';
import { repositoryOf, type Premises, type Repository } from './git/repository.ts';
import { restoreWork } from './git/restoreWork.ts';
import { Shadow } from './git/shadow.ts';
import { changesOf } from './git/workState.ts';
import type { KnownStates } from './knownStates.ts';
import { CHECKPOINT_BYTES, MAX_LEFT_OUT } from './limits.ts';
import type { LeftOut, WorkPart } from './manifest.ts';
import { restoredWords } from './words.ts';

export interface Subject extends SessionLife {
  cwd: string;
  premises: Premises;
  /** Of an agent. */
  conversation: ConversationPlace | undefined;
}

export interface Restored {
  /** For the person, each a sentence. */
  words: string[];
  /** False when there was nothing stored. */
  isFound: boolean;
}

/** A checkpoint that is in the store. */
export interface Kept {
  /** Differ when what it holds has changed. */
  signs: string;
  /** What a bound kept out of it. */
  leftOut: LeftOut[];
}

export interface SessionStatesParts {
  checkpoints: CheckpointStore;
  known: KnownStates;
  /** A folder of ours alone, emptied at the start. */
  scratch: string;
  shardId: string;
  clock: Clock;
  log: Log;
}

export class SessionStates {
  /** One restore at a time for each person: two sessions may share a directory. */
  #queues = new Map<string, Promise<unknown>>();

  constructor(private readonly parts: SessionStatesParts) {}

  /** What an earlier process left, which ended amid its work. */
  async clean(): Promise<void> {
    await rm(this.parts.scratch, { recursive: true, force: true });
  }

  /**
   * Stores what is there now, unless it is what `known` stands for.
   * @returns what to give as `known` the next time
   * @throws AppError `state.unavailable`
   */
  checkpoint(subject: Subject, known: Kept | undefined): Promise<Kept> {
    return this.#inScratch(async (folder) => {
      const repository = await repositoryOf(subject.cwd, subject.premises);
      const shadow = repository && (await this.#shadowOf(repository, subject, join(folder, 'shadow')));
      const signs = [
        subject.conversation ? await conversationSigns(subject.conversation) : '',
        shadow instanceof Shadow ? (await changesOf(shadow, CHECKPOINT_BYTES)).fingerprint : (shadow?.why ?? ''),
      ].join(' ');
      if (signs === known?.signs) return known;
      return { signs, leftOut: await this.#save(subject, shadow, folder) };
    });
  }

  /** Puts back what was stored of the session's last life, or of the one before. @throws AppError `state.unavailable`, `state.unreadable` */
  restore(subject: Subject): Promise<Restored> {
    const { home } = subject.premises;
    const restored = (this.#queues.get(home) ?? Promise.resolve()).then(() => this.#restore(subject));
    const settled = restored.catch(() => undefined);
    this.#queues.set(home, settled);
    void settled.then(() => this.#queues.get(home) === settled && this.#queues.delete(home));
    return restored;
  }

  forget(sessionId: string): Promise<void> {
    return this.parts.checkpoints.forget(sessionId);
  }

  /** @returns what was left out */
  async #save(subject: Subject, shadow: Shadow | Unseen | undefined, folder: string): Promise<LeftOut[]> {
    const { checkpoints, shardId, clock, log } = this.parts;
    const { sessionId, incarnation, conversation, cwd } = subject;
    const agent = conversation && (await gatherConversation(conversation, cwd, folder, CHECKPOINT_BYTES));
    const taken = agent?.gathered.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) ?? 0;
    const leftOut: LeftOut[] = [...(agent?.leftOut ?? [])];
    let work: WorkPart | null = null;
    const files = [...(agent?.gathered ?? [])];
    if (shadow instanceof Shadow) {
      const captured = await this.#captured(shadow, subject, folder, CHECKPOINT_BYTES - taken);
      work = captured.work;
      leftOut.push(...captured.leftOut);
      if (captured.file) files.push(captured.file);
    } else if (shadow) leftOut.push({ what: 'the repository', why: shadow.why });
    if (!work && !agent?.part && leftOut.length === 0) return leftOut;
    const draft = {
      shardId,
      takenAt: clock.now(),
      agent: agent?.part ?? null,
      work,
      leftOut: leftOut.slice(0, MAX_LEFT_OUT),
    };
    const manifest = await checkpoints.save({ sessionId, incarnation }, draft, files);
    // One life back stays: what could not be put back at the last revival is in there.
    await checkpoints.forgetBefore({ sessionId, incarnation: incarnation - 1 });
    const bytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    log.debug({ session: sessionId, parts: manifest.parts, bytes, leftOut: leftOut.length }, 'checkpoint stored');
    return leftOut;
  }

  async #captured(shadow: Shadow, { premises }: Subject, folder: string, budgetBytes: number) {
    const { known } = this.parts;
    try {
      const { workTree } = shadow.repository;
      const captured = await captureWork(shadow, folder, budgetBytes);
      const earlier = (await known.of(workTree)).filter((id) => id !== captured.work.stateId);
      await known.add(workTree, [captured.work.stateId]);
      const root = premises.isUnbounded ? '' : await realpath(premises.root);
      const place = root ? placeOf(workTree, root) : { absolute: workTree };
      return { ...captured, work: { ...captured.work, place, earlier } };
    } catch (error) {
      return { work: null, file: undefined, leftOut: [{ what: 'the repository', why: this.#why(error) }] };
    }
  }

  async #shadowOf(repository: Repository, { premises }: Subject, folder: string): Promise<Shadow | Unseen> {
    try {
      return await Shadow.of(repository, premises.home, folder);
    } catch (error) {
      return { why: this.#why(error) };
    }
  }

  #why(error: unknown): string {
    this.parts.log.debug({ err: error }, 'a repository could not be read');
    return error instanceof Error ? error.message : 'it cannot be read';
  }

  async #restore(subject: Subject): Promise<Restored> {
    const found = await this.parts.checkpoints.find(subject);
    if (!found) return { words: [], isFound: false };
    const { life, manifest } = found;
    return this.#inScratch(async (folder) => {
      const files = join(folder, 'files');
      await mkdir(files);
      const stored = await this.parts.checkpoints.read(life, manifest, files);
      const { agent } = manifest;
      const isSame = agent !== null && agent.conversationId === subject.conversation?.conversationId;
      const conversation =
        agent && isSame ? await restoreConversation(agent, stored, subject.conversation!, subject.cwd) : undefined;
      const wasEmpty = await isEmpty(subject.cwd);
      const bundle = manifest.work?.bundle && stored.get(manifest.work.bundle.file)?.path;
      const work = manifest.work ? await this.#work(subject, manifest.work, bundle ?? undefined, folder) : undefined;
      if (!subject.premises.isUnbounded) await mkdir(subject.cwd, { recursive: true });
      const { sessionId: session } = subject;
      this.parts.log.info(
        {
          session,
          conversation: conversation ?? 'none',
          work: work?.outcome ?? 'none',
          leftOut: manifest.leftOut.length,
        },
        'what was stored of a session was put back',
      );
      return { words: restoredWords(manifest, conversation, work, wasEmpty), isFound: true };
    });
  }

  async #work(subject: Subject, work: WorkPart, bundle: string | undefined, folder: string) {
    const { premises, sessionId } = subject;
    const target = targetOf(work, premises);
    const { known } = this.parts;
    if ((await known.of(target)).includes(work.stateId) && !(await isEmpty(target)))
      return { outcome: 'same' as const, sentence: '' };
    const within = premises.isUnbounded ? '/' : premises.root;
    const plan = { work, bundle, target, within, home: premises.home, scratch: folder, label: sessionId.slice(0, 8) };
    try {
      const restored = await restoreWork(plan);
      const isHere = ['same', 'restored', 'forwarded'].includes(restored.outcome);
      if (isHere) await known.add(target, [work.stateId, ...work.earlier]);
      return restored;
    } catch (error) {
      this.parts.log.warn({ err: error, session: sessionId }, 'stored work could not be put back');
      return {
        outcome: 'nothing' as const,
        sentence: 'The stored work could not be put back; it stays in the state store.',
      };
    }
  }

  async #inScratch<T>(work: (folder: string) => Promise<T>): Promise<T> {
    const folder = join(this.parts.scratch, randomUUID());
    await mkdir(folder, { recursive: true, mode: 0o700 });
    try {
      return await work(folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

/** A repository that we cannot read, and why. */
interface Unseen {
  why: string;
}

function targetOf({ place }: WorkPart, { root }: Premises): string {
  return 'absolute' in place ? place.absolute : join(root, place.inside);
}

async function isEmpty(directory: string): Promise<boolean> {
  return (await readdir(directory).catch(() => [])).length === 0;
}
