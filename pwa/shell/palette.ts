/** What the palette offers for what was typed: sessions and projects, and after `>` everything that can be done. */
import fuzzysort from 'fuzzysort';
import { localStore } from '../ui/browserStorage.ts';

export interface PaletteEntry {
  id: string;
  title: string;
  group: string;
  /** Words by which it is found besides, from their beginnings. */
  also?: readonly string[];
  /** Right of the title: state, shard, … */
  note: string;
  keys: readonly string[];
  run: () => void;
}

const SHOWN = 60;

/** @param recent ids, the latest first; they lead while nothing was typed, and break ties afterwards */
export function ranked(entries: readonly PaletteEntry[], query: string, recent: readonly string[]): PaletteEntry[] {
  const recency = (id: string) => {
    const at = recent.indexOf(id);
    return at < 0 ? recent.length : at;
  };
  if (query.trim() === '') return [...entries].sort((a, b) => recency(a.id) - recency(b.id)).slice(0, SHOWN);
  const keys = [(entry: PaletteEntry) => entry.title, (entry: PaletteEntry) => `${entry.group} ${entry.title}`];
  const found = fuzzysort.go(query.trim(), entries, { keys, threshold: 0.3, limit: SHOWN });
  const named = found
    .map(({ score, obj }) => ({ score, obj }))
    .sort((a, b) => b.score - a.score || recency(a.obj.id) - recency(b.obj.id))
    .map(({ obj }) => obj);
  const others = entries.filter((entry) => !named.includes(entry) && isCalled(entry, query));
  return [...named, ...others].slice(0, SHOWN);
}

function isCalled({ title, also = [] }: PaletteEntry, query: string): boolean {
  const words = [...also, ...title.toLowerCase().split(' ')];
  const typed = query.toLowerCase().split(/\s+/).filter(Boolean);
  return typed.every((part) => words.some((word) => word.startsWith(part)));
}

/** The window's memory of what was chosen; the palette of another window starts with it as well. */
const KEY = 'holdfast.recent';
const KEPT = 12;

export function recentIds(): string[] {
  try {
    const stored = JSON.parse(localStore.get(KEY) ?? '[]') as unknown;
    return Array.isArray(stored) ? stored.filter((id) => typeof id === 'string') : [];
  } catch {
    return []; // it holds what somebody else wrote
  }
}

export function noteChosen(id: string): void {
  localStore.set(KEY, JSON.stringify([id, ...recentIds().filter((other) => other !== id)].slice(0, KEPT)));
}
