/** The life of one player: a recording is read, a terminal made for it, and both are let go with the component. */
import { computed, onBeforeUnmount, ref, shallowRef } from 'vue';
import type { Ref } from 'vue';
import { useConnection } from '../connection/useConnection.ts';
import { useDrawing } from '../terminal/useDrawing.ts';
import { sentenceOf } from '../ui/errorText.ts';
import { whenIdle } from '../ui/idle.ts';
import { readCast, type Recording } from './castFile.ts';
import { Keyframes } from './keyframes.ts';
import { Player, SPEEDS, type PlayerState } from './player.ts';
import { PlaybackScreen } from './playbackScreen.ts';
import { commandsIn, findText, MAX_HITS, type PlayedCommand, type TextHit } from './recordedText.ts';
import { Replay } from './replay.ts';
import { Timeline } from './timeline.ts';

/** How far an arrow key goes. */
export const STEP_MS = 5_000;

const turn = () => new Promise<void>((resolve) => setTimeout(resolve));
const idle = () => new Promise<void>((resolve) => whenIdle(resolve, 1_000));
const frame = () => new Promise<void>((resolve) => requestAnimationFrame(() => resolve()));

export function usePlayback(host: Readonly<Ref<HTMLElement | null>>) {
  const { client } = useConnection();
  const phase = ref<'idle' | 'reading' | 'ready'>('idle');
  const readBytes = ref(0);
  const trouble = ref<string | null>(null);
  const recording = shallowRef<Recording | null>(null);
  const state = shallowRef<PlayerState | null>(null);
  const durationMs = ref(0);
  const commands = shallowRef<PlayedCommand[]>([]);
  const hits = shallowRef<TextHit[]>([]);
  /** Which hit is shown, from 0; -1 for none. */
  const hit = ref(-1);
  const isSearching = ref(false);
  let parts: { player: Player; keyframes: Keyframes; screen: PlaybackScreen; timeline: Timeline } | null = null;
  const drawing = useDrawing(() => parts?.screen ?? null);
  /** Of what is read, and of what is searched for: a later one takes over. */
  let reading: AbortController | null = null;
  let searches = 0;

  const openSession = (id: string) => open(async (signal) => (await client).sessions.recording(id, signal));
  const openFile = (file: File) => open(() => Promise.resolve(file.stream()));

  async function open(source: (signal: AbortSignal) => Promise<ReadableStream<Uint8Array>>) {
    close();
    const { signal } = (reading = new AbortController());
    [phase.value, readBytes.value, trouble.value] = ['reading', 0, null];
    try {
      const read = await readCast(await source(signal), (bytes) => {
        signal.throwIfAborted();
        readBytes.value = bytes;
      });
      signal.throwIfAborted();
      await show(read, signal);
    } catch (error) {
      if (signal.aborted) return;
      close();
      trouble.value = sentenceOf(error);
    }
  }

  async function show(read: Recording, signal: AbortSignal) {
    phase.value = 'ready';
    recording.value = read;
    const drawn = drawing.wanted();
    const screen = host.value && (await PlaybackScreen.create(host.value, read, drawn));
    if (!screen) return;
    if (signal.aborted) return screen.dispose();
    const { events } = read;
    const timeline = new Timeline(events);
    const keyframes = new Keyframes(screen.hidden, events);
    const replay = new Replay(screen.terminal, events);
    const clock = { now: () => performance.now(), frame };
    const player = new Player({ replay, keyframes, timeline, clock }, (next) => (state.value = next));
    parts = { player, keyframes, screen, timeline };
    drawing.tell(drawn);
    durationMs.value = timeline.durationMs;
    commands.value = commandsIn(events);
    state.value = player.state;
    void keyframes.fill(idle);
    await player.seek(0);
  }

  function close() {
    reading?.abort();
    searches++;
    parts?.player.dispose();
    parts?.keyframes.dispose();
    parts?.screen.dispose();
    parts = null;
    [phase.value, recording.value, state.value, commands.value] = ['idle', null, null, []];
    [hits.value, hit.value, isSearching.value] = [[], -1, false];
  }

  function toggle() {
    if (state.value?.isPlaying) parts?.player.pause();
    else parts?.player.play();
  }

  const seek = (at: number) => void parts?.player.seek(at);
  const seekBy = (ms: number) => seek((state.value?.at ?? 0) + ms);

  function changeSpeed(step: 1 | -1) {
    const next = SPEEDS[SPEEDS.indexOf(state.value!.speed as (typeof SPEEDS)[number]) + step];
    if (next) parts?.player.setSpeed(next);
  }

  function jumpToCommand(step: 1 | -1) {
    if (!parts) return;
    const { index } = parts.player.spot;
    const target =
      step === 1
        ? commands.value.find((command) => command.index >= index)
        : commands.value.findLast((command) => command.index < index - 1);
    if (target) void parts.player.seekBehind(target.index);
  }

  /** The newest search counts; it goes to the first hit from where it is. */
  async function search(text: string) {
    const asked = ++searches;
    [hits.value, hit.value] = [[], -1];
    parts?.screen.finder.close();
    isSearching.value = text !== '';
    if (!parts || text === '') return;
    const { index, chars } = parts.player.spot;
    const found = await findText(recording.value!.events, text, turn, () => asked === searches);
    if (asked !== searches) return;
    isSearching.value = false;
    hits.value = found;
    const next = found.findIndex((one) => one.index > index || (one.index === index && one.chars >= chars));
    await showHit(next < 0 ? 0 : next, text);
  }

  /** Stops there, with what was looked for marked on the screen. */
  async function showHit(which: number, text: string) {
    const at = hits.value[which];
    if (!parts || !at) return;
    const { player, screen } = parts;
    const asked = searches;
    hit.value = which;
    player.pause();
    await player.seekInto(at);
    if (asked !== searches) return;
    screen.finder.find({ text, regex: false, caseSensitive: false, wholeWord: false }, 0);
  }

  const stepHit = (step: 1 | -1, text: string) =>
    showHit((hit.value + step + hits.value.length) % Math.max(1, hits.value.length), text);

  const currentCommand = computed(() => {
    // By its place and not by the time: of several commands in one moment it is one.
    const shown = state.value && parts ? parts.player.spot.index : 0;
    return commands.value.findLast(({ index }) => index < shown)?.text ?? '';
  });
  /** The time of day of what is shown, where the recording says it. */
  const shownAt = computed(() => {
    const { startedAt, events } = recording.value ?? {};
    if (!state.value || !parts || startedAt === null || startedAt === undefined) return null;
    return startedAt + (events?.[parts.timeline.countAt(state.value.at) - 1]?.at ?? 0);
  });

  onBeforeUnmount(close);

  const shown = { phase, readBytes, trouble, recording, state, durationMs, commands, currentCommand, shownAt };
  const searching = { hits, hit, isSearching, search, stepHit, maxHits: MAX_HITS };
  const setSpeed = (speed: number) => parts?.player.setSpeed(speed);
  return {
    ...shown,
    ...searching,
    openSession,
    openFile,
    close,
    toggle,
    seek,
    seekBy,
    setSpeed,
    changeSpeed,
    jumpToCommand,
  };
}

export type Playback = ReturnType<typeof usePlayback>;
