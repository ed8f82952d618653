/** Keys that the command line itself understands, in every spelling that a terminal may use for them. */

export type Key = 'up' | 'down' | 'enter' | 'escape' | 'interrupt' | 'backspace' | { char: string };

const NAMED: Record<string, Key> = {
  '\x1b[A': 'up',
  '\x1bOA': 'up',
  '\x1b[B': 'down',
  '\x1bOB': 'down',
  '\r': 'enter',
  '\n': 'enter',
  '\x1b': 'escape',
  '\x03': 'interrupt',
  '\x7f': 'backspace',
  '\b': 'backspace',
};

/** The keys in one piece of input; what is none of ours is left out. */
export function keysIn(bytes: Uint8Array): Key[] {
  const text = Buffer.from(bytes).toString('utf8');
  const units = text.match(/\x1b\[[\d;:?<=>]*[ -/]*[@-~]|\x1bO[ -~]|\x1b|[^]/gu) ?? [];
  return units.flatMap((unit): Key[] => {
    const plain = withoutProtocol(unit);
    if (plain in NAMED) return [NAMED[plain]!];
    return plain.length > 0 && plain >= ' ' && !plain.startsWith('\x1b') ? [{ char: plain }] : [];
  });
}

/** kitty's keyboard protocol writes keys as `CSI code ; modifiers u`. */
function withoutProtocol(unit: string): string {
  const match = /^\x1b\[(\d+)[\d:]*(?:;(\d+)(?::(\d))?[\d;:]*)?u$/.exec(unit);
  if (!match) return unit;
  const [, code, modifiers = '1', event = '1'] = match;
  if (event === '3' || Number(code) > 0x10ffff) return '';
  const char = String.fromCodePoint(Number(code));
  if (modifiers === '1') return char;
  return modifiers === '5' && char === 'c' ? '\x03' : '';
}
