/** How shells mark their prompts and commands: OSC 133 (FinalTerm, kitty), OSC 633 (VS Code), OSC 7 and 9;9 (directory). Pure. */

export type ShellMark =
  | { kind: 'prompt' }
  | { kind: 'command' }
  /** The command is carried out; its text, where the shell says it. */
  | { kind: 'output'; text: string | null }
  /** `exitCode` null: the shell did not say, or nothing was carried out. */
  | { kind: 'end'; exitCode: number | null }
  | { kind: 'text'; text: string }
  | { kind: 'cwd'; path: string };

const MAX_CHARS = 4_096;

export function parseOsc133(data: string): ShellMark | null {
  const [mark, ...fields] = data.split(';');
  switch (mark) {
    case 'A':
    case 'N':
      // A continuation line, or a prompt on the right, begins no command.
      return fields.some((field) => /^k=[csr]/.test(field)) ? null : { kind: 'prompt' };
    case 'B':
      return { kind: 'command' };
    case 'C':
      return { kind: 'output', text: commandLineOf(fields) };
    case 'D':
      return { kind: 'end', exitCode: exitCodeOf(fields[0]) };
    default:
      return null;
  }
}

export function parseOsc633(data: string): ShellMark | null {
  const [mark, field = ''] = data.split(';');
  if (mark === 'E') return { kind: 'text', text: unescaped(field).slice(0, MAX_CHARS) };
  if (mark === 'P' && field.startsWith('Cwd=')) return cwd(unescaped(field.slice(4)));
  return mark === 'A' || mark === 'B' || mark === 'C' || mark === 'D' ? parseOsc133(data) : null;
}

/** `file://host/path`. Of another host it is told all the same: that is where the person is. */
export function parseOsc7(data: string): ShellMark | null {
  const match = /^(?:file|kitty-shell-cwd):\/\/[^/]*(\/.*)$/.exec(data);
  return match ? cwd(decoded(match[1]!) ?? match[1]!) : null;
}

export function parseOsc9Cwd(data: string): ShellMark | null {
  return data.startsWith('9;') ? cwd(data.slice(2).replace(/^"(.*)"$/, '$1')) : null;
}

/** The end of a time in words: `0.4 s`, `12 s`, `3 min 20 s`. */
export function durationText(ms: number): string {
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Success is said quietly, and with a time only when it took one. */
export function badgeText(exitCode: number | null, durationMs: number | null): string {
  const isLong = durationMs !== null && durationMs >= 1_000;
  const time = isLong ? durationText(durationMs) : '';
  if (exitCode === null) return time;
  return [exitCode === 0 ? '✓' : `✗ ${exitCode}`, time].filter(Boolean).join(' ');
}

function cwd(path: string): ShellMark | null {
  return path === '' || /\p{Cc}/u.test(path) ? null : { kind: 'cwd', path: path.slice(0, MAX_CHARS) };
}

function exitCodeOf(field: string | undefined): number | null {
  return field !== undefined && /^-?\d{1,10}$/.test(field) ? Number(field) : null;
}

/** kitty's; the others say nothing here. */
function commandLineOf(fields: string[]): string | null {
  const field = fields.find((candidate) => candidate.startsWith('cmdline_url='));
  return field ? (decoded(field.slice('cmdline_url='.length))?.slice(0, MAX_CHARS) ?? null) : null;
}

/** VS Code's `\\` and `\x3b`. */
function unescaped(text: string): string {
  return text.replace(/\\(\\|x([0-9a-fA-F]{2}))/g, (_, all: string, hex?: string) =>
    hex ? String.fromCharCode(parseInt(hex, 16)) : all,
  );
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
