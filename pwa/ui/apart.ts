/** Names inside of sentences: whatever direction a name has, and whatever marks are in it, the words around it stay where they are. */

/** Marks, embeddings, overrides and isolates of Unicode's bidirectional algorithm. */
const BIDI_CONTROLS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** A name without what would turn it, or the words around it, about: it reads in every place as it was typed. */
export function plainName<Named extends { name: string }>(named: Named): Named {
  const name = named.name.replace(BIDI_CONTROLS, '');
  return name === named.name ? named : { ...named, name };
}

/** A name for a title, a label or a notification; one that needs nothing stays as it is. */
export function apart(name: string): string {
  const plain = name.replace(BIDI_CONTROLS, '');
  return RIGHT_TO_LEFT.test(plain) ? `\u2068${plain}\u2069` : plain;
}
