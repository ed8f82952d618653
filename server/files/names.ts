/** Names of files as people give them, made fit for a directory of ours: nothing in them leads elsewhere or draws on a screen. */

/** What most file systems take, less what a number needs. */
const MAX_NAME_BYTES = 240;
/** Controls, line separators, half surrogates, and marks that turn the direction of what follows. */
const UNFIT = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
/** With the ending before it of an archive: `.tar.gz` is one. */
const ENDING = /(?:\.tar)?\.[^.]{1,16}$/u;

/** The last part of it, in any system's notation, without what is unfit; never empty. Unicode stays. */
export function safeName(given: string): string {
  const last = given.split(/[/\\]/).findLast((part) => part.trim() !== '') ?? '';
  const name = last.normalize('NFC').replace(UNFIT, '').trim();
  return /^\.{0,2}$/.test(name) ? 'file' : shortened(name);
}

/** `report-2.pdf`: the same name for the second of its kind. */
export function numbered(name: string, number: number): string {
  const { stem, ending } = partsOf(name);
  return `${stem}-${number}${ending}`;
}

function shortened(name: string): string {
  const { stem, ending } = partsOf(name);
  let short = stem;
  while (Buffer.byteLength(short + ending) > MAX_NAME_BYTES) short = [...short].slice(0, -1).join('');
  return short + ending;
}

/** A leading dot is no ending. */
function partsOf(name: string): { stem: string; ending: string } {
  const at = ENDING.exec(name)?.index ?? 0;
  return at > 0 ? { stem: name.slice(0, at), ending: name.slice(at) } : { stem: name, ending: '' };
}
