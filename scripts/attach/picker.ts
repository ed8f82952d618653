/** The list from which a person chooses a session: what it shows and what a key does to it. */
import type { Session } from '../../protocol/sessions.ts';
import type { Key } from './keyboard.ts';
import type { Size } from './mirror.ts';

export interface Choice {
  /** Null opens a new one. */
  session: Session | null;
  line: string;
}

export interface PickerState {
  choices: Choice[];
  selected: number;
  /** Digits typed so far. */
  number: string;
}

/** What a key leads to: another picture, the choice, or leaving without one. */
export type Pick = PickerState | { chosen: Choice } | 'left';

/** Running ones first, the newest before; a new one last. */
export function newPicker(sessions: Session[], projectNames: ReadonlyMap<string, string>, now: number): PickerState {
  const isRunning = ({ state }: Session) => state === 'starting' || state === 'running';
  const sorted = [...sessions].sort(
    (a, b) => Number(isRunning(b)) - Number(isRunning(a)) || b.createdAt.localeCompare(a.createdAt),
  );
  const lines = columns(
    sorted.map((session) => [
      session.name,
      session.projectId ? (projectNames.get(session.projectId) ?? '') : '',
      session.shardId,
      session.state,
      age(now - Date.parse(session.createdAt)),
    ]),
  );
  const choices = sorted.map((session, i): Choice => ({ session, line: lines[i]! }));
  return { choices: [...choices, { session: null, line: 'a new session' }], selected: 0, number: '' };
}

export function press(state: PickerState, key: Key): Pick {
  const last = state.choices.length - 1;
  const select = (selected: number, number = ''): PickerState => ({ ...state, selected, number });
  if (key === 'escape' || key === 'interrupt') return 'left';
  if (key === 'enter') return { chosen: state.choices[state.selected]! };
  if (key === 'up') return select(Math.max(0, state.selected - 1));
  if (key === 'down') return select(Math.min(last, state.selected + 1));
  if (key === 'backspace') return select(state.selected, state.number.slice(0, -1));
  switch (key.char) {
    case 'q':
      return 'left';
    case 'k':
      return select(Math.max(0, state.selected - 1));
    case 'j':
      return select(Math.min(last, state.selected + 1));
    case 'n':
      return { chosen: state.choices[last]! };
  }
  if (!/^\d$/.test(key.char)) return state;
  // A number that no further digit can continue is chosen at once.
  const number = Number(state.number + key.char) <= last + 1 ? state.number + key.char : key.char;
  const place = Number(number) - 1;
  if (place < 0 || place > last) return select(state.selected);
  if (Number(number) * 10 > last + 1) return { chosen: state.choices[place]! };
  return select(place, number);
}

/** The lines to show, no more and no wider than the terminal; with a window on the list when it is longer. */
export function picture({ choices, selected }: PickerState, { cols, rows }: Size): string[] {
  const room = Math.max(1, rows - 3);
  const first = Math.min(Math.max(0, selected - Math.floor(room / 2)), Math.max(0, choices.length - room));
  const shown = choices.slice(first, first + room).map(({ line }, i) => {
    const place = first + i;
    const text = `${place === selected ? '❯' : ' '} ${String(place + 1).padStart(2)}  ${line}`;
    const cut = clip(text, cols - 1);
    return place === selected ? `\x1b[1m${cut}\x1b[m` : cut;
  });
  const help = clip('↑ ↓ or a number, Enter opens, n for a new one, q leaves', cols - 1);
  return [clip('Which session?', cols - 1), ...shown, `\x1b[2m${help}\x1b[m`];
}

/** Each column as wide as its widest member, up to a bound. */
function columns(rows: string[][]): string[] {
  const clean = rows.map((row) => row.map((text) => clip(text.replace(/\p{Cc}/gu, ' '), 32)));
  const widths = (clean[0] ?? []).map((_, i) => Math.max(...clean.map((row) => width(row[i]!))));
  return clean.map((row) =>
    row
      .map((text, i) => text + ' '.repeat(widths[i]! - width(text)))
      .join('  ')
      .trimEnd(),
  );
}

/** Cells that a text takes, near enough for a list: the East Asian wide ranges and emoji count two. */
function width(text: string): number {
  return [...text].reduce((sum, char) => sum + (isWide(char) ? 2 : 1), 0);
}

function isWide(char: string): boolean {
  return /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u.test(
    char,
  );
}

function clip(text: string, cells: number): string {
  if (width(text) <= cells) return text;
  let clipped = '';
  for (const char of text) {
    if (width(clipped + char) > cells - 1) break;
    clipped += char;
  }
  return `${clipped}…`;
}

function age(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  if (minutes < 60) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / (24 * 60))} d`;
}
