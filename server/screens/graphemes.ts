/**
 * Loads xterm.js's tables of grapheme clusters, so that the server's screen takes emoji to be as wide as programs and the
 * app do.
 */
import { createRequire } from 'node:module';

type Addon = typeof import('@xterm/addon-unicode-graphemes');

/**
 * The addon decodes its tables when it is loaded, and reads them from the beginning of the memory that the decoded bytes
 * are in. Node puts small buffers into a common pool, where something else is at the beginning (xtermjs/xterm.js#6079).
 */
function load(): Addon {
  const { poolSize } = Buffer;
  Buffer.poolSize = 0;
  try {
    return createRequire(import.meta.url)('@xterm/addon-unicode-graphemes') as Addon;
  } finally {
    Buffer.poolSize = poolSize;
  }
}

export const { UnicodeGraphemesAddon } = load();
