/** What a recording printed, as text to be searched, and the commands in it. Control sequences are left out. */
import { CommandScanner } from '../../protocol/commandScan.ts';
import type { CastEvent } from './castFile.ts';

export interface TextHit {
  /** Of the event that completes it. */
  index: number;
  /** How much of that event has been printed when the text is there. */
  chars: number;
  /** The line it stands in, or a part of it. */
  line: string;
}

export interface PlayedCommand {
  /** Its output begins behind this event. */
  index: number;
  text: string;
}

export const MAX_HITS = 500;
/** Searched at once, before others have a turn. */
const BLOCK_CHARS = 512 * 1024;
const MAX_HELD_CHARS = 8_192;
const CONTEXT_CHARS = 60;

const COMPLETE =
  /^\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_][^\x1b]*\x1b\\|[ -/]+[0-~]|[0-OQ-WYZ\\`-~=>])/;
const SEQUENCES = new RegExp(`${COMPLETE.source.slice(1)}|[\\x00-\\x08\\x0b-\\x1f\\x7f]`, 'g');
/** Moves the cursor to another place, so that what follows does not join on. */
const MOVES = /^\x1b(?:\[[\d;]*[ABDEFGHdf]|[DEM])$/;
const STRING = /^\x1b(?:\][^\x07]*|[PX^_][^]*)$/;
const GAP = /^\x1b\[\d*C$/;

/** Output without its sequences, however it was cut. */
export class PlainText {
  #held = '';

  /** What was left over from before, and will be read with the next piece. */
  get held(): string {
    return this.#held;
  }

  take(data: string): string {
    const text = this.#held + data;
    const open = openAt(text);
    const isOpen = open >= 0 && text.length - open < MAX_HELD_CHARS;
    this.#held = isOpen ? text.slice(open) : '';
    const whole = isOpen ? text.slice(0, open) : text;
    return whole.replace(SEQUENCES, plainOf);
  }
}

function plainOf(sequence: string): string {
  return MOVES.test(sequence) ? '\n' : GAP.test(sequence) ? ' ' : '';
}

/** How much of `text` has been read when `count` characters of plain text have come out of it. */
function charsUntil(text: string, count: number): number {
  let [plain, read] = [0, 0];
  for (const { 0: sequence, index } of text.matchAll(SEQUENCES)) {
    if (plain + index - read >= count) break;
    plain += index - read + plainOf(sequence).length;
    read = index + sequence.length;
    if (plain >= count) return read;
  }
  return read + count - plain;
}

/**
 * Where `needle` was printed, in any case, oldest first.
 * @param turn resolves when others have had theirs
 * @param isWanted asked between blocks
 */
export async function findText(
  events: readonly CastEvent[],
  needle: string,
  turn: () => Promise<void>,
  isWanted: () => boolean,
): Promise<TextHit[]> {
  const hits: TextHit[] = [];
  if (needle === '') return hits;
  const pattern = new RegExp(needle.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'giu');
  const plain = new PlainText();
  let block = '';
  /** Before this, the block was searched already: it is only there to be joined on to. */
  let searched = 0;
  let parts: { from: number; index: number; held: string }[] = [];
  const search = () => {
    pattern.lastIndex = searched;
    for (let found = pattern.exec(block); found && hits.length < MAX_HITS; found = pattern.exec(block)) {
      const end = found.index + found[0].length;
      const { index, from, held } = parts.findLast((part) => part.from < end)!;
      const chars = Math.max(0, charsUntil(held + events[index]!.data, end - from) - held.length);
      hits.push({ index, chars, line: lineAround(block, found.index, end) });
      searched = end;
    }
    const kept = Math.max(searched, block.length - needle.length + 1);
    parts = parts.filter((_, i) => (parts[i + 1]?.from ?? Infinity) > kept).map((p) => ({ ...p, from: p.from - kept }));
    block = block.slice(kept);
    searched = 0;
  };
  for (const [index, { code, data }] of events.entries()) {
    if (code !== 'o') continue;
    parts.push({ from: block.length, index, held: plain.held });
    block += plain.take(data);
    if (block.length < BLOCK_CHARS) continue;
    search();
    await turn();
    if (hits.length >= MAX_HITS || !isWanted()) return hits;
  }
  search();
  return hits;
}

/** Those that the recording names itself, else those that its shell marked. */
export function commandsIn(events: readonly CastEvent[]): PlayedCommand[] {
  const named = events.flatMap(({ code, data }, index) => (code === 'm' ? [{ index, text: data }] : []));
  if (named.length > 0) return named;
  const scanner = new CommandScanner();
  return events.flatMap(({ code, data }, index) =>
    code === 'o' ? scanner.scan(data).map(({ text }) => ({ index: index - 1, text })) : [],
  );
}

/** Where a sequence begins that `text` does not end; -1 when there is none. */
function openAt(text: string): number {
  const last = text.lastIndexOf('\x1b');
  if (last < 0 || COMPLETE.test(text.slice(last))) return -1;
  const before = last === text.length - 1 ? text.lastIndexOf('\x1b', last - 1) : -1;
  // An escape at the very end may be the first half of what ends a string.
  const isInString = before >= 0 && before < last && STRING.test(text.slice(before, last));
  return isInString ? before : last;
}

function lineAround(text: string, from: number, to: number): string {
  const start = Math.max(text.lastIndexOf('\n', from - 1) + 1, from - CONTEXT_CHARS);
  const next = text.indexOf('\n', to);
  return text.slice(start, Math.min(next < 0 ? text.length : next, to + CONTEXT_CHARS)).trim();
}
