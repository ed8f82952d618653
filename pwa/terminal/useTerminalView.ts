/** The life of one terminal view inside its pane: made when the pane is there, disposed with it, never reactive itself. */
import { nextTick, onBeforeUnmount, onMounted, ref, watch } from 'vue';
import type { Ref } from 'vue';
import type { AttachmentState } from '../../client/types.ts';
import type { Exit } from '../../protocol/terminal.ts';
import { heldSize } from '../connection/statusText.ts';
import { useConnection } from '../connection/useConnection.ts';
import { codeOf, sentenceOf } from '../ui/errorText.ts';
import { painted } from '../ui/painted.ts';
import { toast } from '../ui/toasts.ts';
import type { ShellState } from '../../protocol/shellState.ts';
import { noteWaitingInput, waitingInputOf } from './heldInput.ts';
import { lateFocus } from './lateFocus.ts';
import { paneActions } from './paneActions.ts';
import { showWantedPlace, wantedPlace } from './reveal.ts';
import type { Progress } from './progress.ts';
import type { Size } from './size.ts';
import type { TerminalView, ViewEvents } from './terminalView.ts';
import { useDrawing } from './useDrawing.ts';
import { useFind } from './useFind.ts';
import { useFontSize } from './useFontSize.ts';
import { usePaneQuestions } from './usePaneQuestions.ts';

export interface PaneProps {
  sessionId: string;
  shardId: string;
  incarnation: number;
  /** Nobody runs it any more: its last screen is shown. */
  isAtRest: boolean;
  /** Opened a moment ago by this window. */
  isNew: boolean;
  readOnly: boolean;
  isVisible: boolean;
  /** What the session was opened with; absent: a shell. */
  command?: readonly string[] | undefined;
}

export interface PaneEvents {
  exited: (exit: Exit) => void;
  title: (title: string) => void;
  progress: (progress: Progress | null) => void;
  shell: (state: ShellState) => void;
  /** The server knows no such session. */
  gone: () => void;
}

/** There is nothing to attach to until it is taken up again. */
const NOT_THERE = new Set(['session.not_running', 'session.hibernated']);

export interface PaneElements {
  host: Readonly<Ref<HTMLElement | null>>;
  /** Takes what is typed before there is a terminal. */
  early: Readonly<Ref<HTMLTextAreaElement | null>>;
}

export function useTerminalView({ host, early }: PaneElements, props: PaneProps, tell: PaneEvents) {
  const { client, library } = useConnection();
  const { changeFontSize } = useFontSize();
  const isDrawn = ref(false);
  /** There is a terminal, which takes the keys itself. */
  const isMade = ref(false);
  /** Nobody runs it, and its last screen was kept nowhere. */
  const isWithoutScreen = ref(false);
  const skippedBytes = ref(0);
  const state = ref<AttachmentState>('attaching');
  /** Why the attachment is over, in a sentence; null while it is not. */
  const ended = ref<{ sentence: string; canAttach: boolean } | null>(null);
  /** The pty's size while it is another window's. */
  const foreignSize = ref<Size | null>(null);
  let view: TerminalView | null = null;
  let isUnmounted = false;

  const drawing = useDrawing(() => view);
  const { focus, isWanted, giveUp } = lateFocus(() => view ?? early.value);
  const questions = usePaneQuestions(props, (text) => view?.terminal.paste(text));
  const finding = useFind(
    async () => (await view?.features.finder()) ?? null,
    () => view?.terminal.getSelection() ?? '',
    focus,
  );

  const events: ViewEvents = {
    ...questions.events,
    progress: tell.progress,
    shell: tell.shell,
    drawn: () => (isDrawn.value = true),
    state(next, error) {
      state.value = next;
      if (codeOf(error) === 'session.not_found') return tell.gone();
      const canAttach = !NOT_THERE.has(codeOf(error) ?? '');
      ended.value = next === 'ended' && error ? { sentence: sentenceOf(error), canAttach } : null;
    },
    exited: tell.exited,
    skipped: (bytes) => (skippedBytes.value = bytes),
    title: tell.title,
    input: (waiting) => noteWaitingInput(props.sessionId, waiting),
    inputLost: (bytes) => toast(`${heldSize(bytes)} of typing did not arrive: the program has ended.`, 'bad'),
    foreign: (size) => (foreignSize.value = size),
    refused(error) {
      const isFull = codeOf(error) === 'input.held_full';
      toast(isFull ? 'No more typing can be held until the connection is back.' : sentenceOf(error), 'bad');
    },
  };

  async function start() {
    await painted;
    const { TerminalView } = await import('./terminalView.ts');
    if (!host.value || isUnmounted) return;
    const { sessionId, shardId, isNew, isAtRest, readOnly } = props;
    const drawn = drawing.wanted();
    const facts = { sessionId, shardId, isNew, isAtRest, readOnly, command: props.command ?? [] };
    view = await TerminalView.create(host.value, { ...facts, ...drawn }, events, client);
    if (isUnmounted) return view?.dispose();
    if (view) {
      // What has changed while it was made.
      drawing.tell(drawn);
      view.setAtRest(props.isAtRest);
      view.show(props.isVisible);
      takeEarly(view);
    }
    if (props.isAtRest) void showStored();
  }

  function takeEarly({ terminal }: TerminalView) {
    const typed = early.value?.value ?? '';
    if (isWanted() || document.activeElement === early.value) terminal.focus();
    isMade.value = true;
    if (typed) terminal.input(typed.replaceAll('\n', '\r'));
  }

  /** What this browser has not kept, or what came after, the server has. */
  async function showStored() {
    const [{ getStoredScreen }, holdfast] = await Promise.all([library, client]);
    if (props.isNew && isDrawn.value) return; // it was here from the first byte
    const stored = await holdfast.call(getStoredScreen, { sessionId: props.sessionId }).catch(() => null);
    isWithoutScreen.value = stored === null;
    if (stored && props.isAtRest && (!isDrawn.value || view?.isBehind(stored))) view?.drawStored(stored);
  }

  /** The session goes on as another life of it: what was typed for the one before is not for this one. */
  async function follow() {
    const unsent = view?.pendingBytes ?? 0;
    if (unsent > 0) toast(`${heldSize(unsent)} typed for the session's last life were not sent.`);
    await begin(host.value?.closest('section')?.contains(document.activeElement) ?? false);
  }

  /** @param takesFocus otherwise it stays where it is: the person may be typing in another pane */
  async function begin(takesFocus: boolean) {
    finding.close();
    view?.dispose();
    view = null;
    ended.value = null;
    isMade.value = false;
    await nextTick();
    if (takesFocus) focus();
    else giveUp();
    await start();
  }

  onMounted(() => {
    if (isWanted()) focus(); // asked for when nothing of it was there
    return start();
  });
  onBeforeUnmount(() => {
    isUnmounted = true;
    const unsent = waitingInputOf(props.sessionId)?.held?.bytes ?? 0;
    if (unsent > 0) toast(`${heldSize(unsent)} typed while offline were not sent.`, 'bad');
    view?.dispose();
  });
  watch(
    () => props.isVisible,
    (isVisible) => {
      view?.show(isVisible);
      if (!isVisible) return giveUp();
      // What the dock still hides cannot have the focus: it shows it with the next frame, for which it has asked before us.
      requestAnimationFrame(() => isWanted() && focus());
    },
    { flush: 'post' },
  );
  watch(
    () => props.incarnation,
    (incarnation) => {
      // Sent there by its old owner, the attachment may be on it already.
      if (view && view.incarnation !== incarnation) void follow();
    },
  );
  watch(
    () => props.isAtRest,
    (isAtRest) => {
      view?.setAtRest(isAtRest);
      if (isAtRest) void showStored();
    },
  );
  watch([isDrawn, wantedPlace], () => {
    if (isDrawn.value && view) showWantedPlace(props.sessionId, view.terminal);
  });

  const takeOver = () => view?.takeOver();
  const attachAgain = () => begin(true);
  const { open: find, close: closeFind, again } = finding;
  const actions = {
    ...paneActions(() => view, questions.events),
    focus,
    find,
    closeFind,
    findNext: () => again('next'),
    findPrevious: () => again('previous'),
    changeFontSize,
  };
  const shown = { isDrawn, isMade, isWithoutScreen, skippedBytes, state, ended, foreignSize };
  return { ...shown, takeOver, attachAgain, focus, actions, questions, finding };
}
