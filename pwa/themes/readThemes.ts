/** Reads a file of colours, whichever program it is for. What it says is only looked at: nothing of it is carried out or fetched. */
import { AppError } from '../../protocol/errors.ts';
import { invalid, takeUp, type FileTheme, type ReadTheme } from './fileTheme.ts';
import { FORMATS, formatOf, PROGRAMS, type Format } from './recognize.ts';

/** Themes of VS Code have up to 200 KB; settings of a terminal are smaller. */
export const MAX_THEME_CHARS = 512 * 1024;
/** Of one file. */
export const MAX_THEMES_READ = 200;

/** Each format's reader, and the library that it needs, come when the first such file does. */
const READERS: Record<Format, () => Promise<(text: string) => FileTheme[]>> = {
  itermcolors: async () => (await import('./formats/itermcolors.ts')).readItermcolors,
  json: async () => (await import('./formats/json.ts')).readJson,
  toml: async () => (await import('./formats/toml.ts')).readToml,
  yaml: async () => (await import('./formats/yaml.ts')).readYaml,
  ghostty: async () => (await import('./formats/lines.ts')).readGhostty,
  kitty: async () => (await import('./formats/lines.ts')).readKitty,
  xresources: async () => (await import('./formats/lines.ts')).readXresources,
};

/**
 * @param fileName empty for what was pasted; names what has no name of its own
 * @throws AppError `colors.invalid`, whose details say the `line` or the `field`, or `input.too_large`
 */
export async function readThemes(text: string, fileName = ''): Promise<{ format: string; themes: ReadTheme[] }> {
  if (text.length > MAX_THEME_CHARS)
    throw new AppError('input.too_large', `It is longer than ${MAX_THEME_CHARS / 1024} KiB, which no colours are.`);
  const plain = text.replace(/^\uFEFF/, '');
  const format = formatOf(plain);
  if (!format) throw invalid(`No colours were found in it. What can be read: ${PROGRAMS}.`);
  const read = await READERS[format]();
  const found = attempt(() => read(plain), FORMATS[format]);
  if (found.length === 0) throw invalid('It holds no scheme of colours.', { field: 'schemes' });
  if (found.length > MAX_THEMES_READ)
    throw invalid(`It holds more than ${MAX_THEMES_READ} schemes.`, { field: 'schemes' });
  const usualName = fileName.replace(/^.*[/\\]/, '').replace(/\.[^.]*$/, '');
  return { format: FORMATS[format], themes: found.map((theme) => takeUp(theme, usualName)) };
}

/** Whatever a library falls over, such as brackets within each other by the thousand, is the file's fault. */
function attempt<T>(read: () => T, format: string): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw invalid(`It looks like a file of ${format}, but cannot be read as one.`);
  }
}
