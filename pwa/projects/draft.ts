/** A project while it is being written: texts as typed, and what they mean. */
import type { LaunchPreset, Project } from '../../protocol/projects.ts';

export interface Draft {
  name: string;
  directory: string;
  preset: LaunchPreset;
  command: string;
  /** `NAME=value`, one a line. */
  environment: string;
}

/** A text that means nothing, with a sentence that says why. */
export class DraftError extends Error {}

export const presets: readonly { value: LaunchPreset; text: string; hint: string }[] = [
  { value: 'shell', text: 'Shell', hint: 'your own shell' },
  { value: 'claude', text: 'Claude Code', hint: 'claude' },
  { value: 'custom', text: 'Another command', hint: 'a command line of your own' },
];

export function draftOf(project: Project | null): Draft {
  return {
    name: project?.name ?? '',
    directory: project?.directory ?? '',
    preset: project?.preset ?? 'shell',
    command: joinCommand(project?.command ?? []),
    environment: Object.entries(project?.environment ?? {})
      .map(([name, value]) => `${name}=${value}`)
      .join('\n'),
  };
}

/** Words of a command line; single and double quotes and backslashes keep spaces together, as in a shell. */
export function splitCommand(line: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  let quote = '';
  for (let i = 0; i < line.length; i++) {
    const char = line[i]!;
    if (quote !== "'" && char === '\\' && i + 1 < line.length) word = (word ?? '') + line[++i]!;
    else if (quote !== '') {
      if (char === quote) quote = '';
      else word = (word ?? '') + char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= '';
    } else if (/\s/.test(char)) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? '') + char;
  }
  if (quote !== '') throw new DraftError(`A ${quote === '"' ? 'double' : 'single'} quote is not closed.`);
  if (word !== null) words.push(word);
  return words;
}

/** The line that `splitCommand` takes apart again. */
export function joinCommand(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
}

export function parseEnvironment(text: string): Record<string, string> {
  const entries = text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const at = line.indexOf('=');
      const name = line.slice(0, at).trim();
      if (at < 1 || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw new DraftError(`“${line.trim()}” is not NAME=value.`);
      return [name, line.slice(at + 1)] as const;
    });
  return Object.fromEntries(entries);
}

/** What the draft asks the server for. @throws DraftError */
export function meaningOf(draft: Draft) {
  const command = draft.preset === 'custom' ? splitCommand(draft.command) : null;
  if (command?.length === 0) throw new DraftError('The command is missing.');
  if (draft.name.trim() === '') throw new DraftError('The name is missing.');
  const directory = draft.directory.trim();
  return {
    name: draft.name.trim(),
    ...(directory === '' ? {} : { directory }),
    preset: draft.preset,
    command,
    environment: parseEnvironment(draft.environment),
  };
}
