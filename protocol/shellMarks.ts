/** How shells mark their prompts and commands: OSC 133 (FinalTerm, kitty), OSC 633 (VS Code), OSC 7 and 9;9 (directory). */

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
