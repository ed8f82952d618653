/** The line that is drawn over the last row while something must be said: how the connection is, what was typed without it. */
import type { ConnectionStatus, Held } from '../../client/types.ts';

export interface BannerFacts {
  /** Since when nothing comes, as Date.now(); null while output flows. */
  offlineSince: number | null;
  connection: Pick<ConnectionStatus, 'state' | 'nextTryAt' | 'error'> | undefined;
  held: Held | null;
  lostBytes: number;
  detachKey: string | undefined;
}

/** Cuts shorter than this are not worth a line. */
export const QUIET_OFFLINE_MS = 1_000;

/** One sentence, or null when there is nothing to say. */
export function bannerText(facts: BannerFacts, now: number): string | null {
  const { offlineSince, held, lostBytes, detachKey } = facts;
  if (held?.isAsking) {
    const age = seconds(now - held.since);
    return `Typed offline ${age} ago: ${preview(held.text)} · Enter sends it, Esc drops it`;
  }
  if (offlineSince !== null && now - offlineSince >= QUIET_OFFLINE_MS) {
    const { nextTryAt = null, error = null } = facts.connection ?? {};
    const wait = nextTryAt === null ? 0 : Math.ceil((nextTryAt - now) / 1000);
    // The end is cut where the terminal is narrow.
    const parts = [
      `No connection for ${seconds(now - offlineSince)}`,
      ...(held ? [`${held.bytes} typed bytes wait`] : []),
      wait > 0 ? `next try in ${wait} s` : 'trying',
      ...(detachKey ? [`${detachKey} detaches`] : []),
      ...(error ? [error.message] : []),
    ];
    return parts.join(' · ');
  }
  if (lostBytes > 0) return `${lostBytes} typed bytes were not delivered: what they were typed for has ended`;
  return null;
}

/** What was typed, as it can be shown. */
function preview(text: string): string {
  const shown = text.replace(/\r\n?|\n/g, '⏎').replace(/\p{Cc}/gu, '·');
  return `“${shown.length > 20 ? `${shown.slice(0, 19)}…` : shown}”`;
}

function seconds(ms: number): string {
  const whole = Math.floor(ms / 1000);
  return whole < 120 ? `${whole} s` : `${Math.floor(whole / 60)} min`;
}

/** Draws it over the last row. The screen must be drawn again afterwards: this costs the program its saved cursor. */
export function bannerSequence(text: string, { cols, rows }: { cols: number; rows: number }): string {
  const line = ` ${text}`.slice(0, cols - 1).padEnd(cols - 1);
  return `\x1b7\x1b[r\x1b[?6l\x1b[${rows};1H\x1b[0;7m${line}\x1b[m\x1b8`;
}
