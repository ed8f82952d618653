/** Credits and pacing as pure decisions: who is sent more, and when the pty rests. */
import { HIGH_WATERMARK_BYTES, LIVE_VIEWER_MS, LOW_WATERMARK_BYTES } from '../../protocol/limits.ts';

/** What is known of one reader of a session's output. */
export interface Credit {
  /** Offset behind the last byte sent. */
  sent: number;
  /** Everything below was parsed by the client. */
  acked: number;
  /** Above the high watermark, and not yet below the low one again. */
  isHeld: boolean;
  /** When it last acknowledged, or was first sent something after having acknowledged all; ms since the epoch. */
  aliveAt: number;
}

export function newCredit(from: number, now: number): Credit {
  return { sent: from, acked: from, isHeld: false, aliveAt: now };
}

export function afterSend(credit: Credit, bytes: number, now: number): Credit {
  const sent = credit.sent + bytes;
  return {
    sent,
    acked: credit.acked,
    isHeld: credit.isHeld || sent - credit.acked >= HIGH_WATERMARK_BYTES,
    aliveAt: credit.sent === credit.acked ? now : credit.aliveAt,
  };
}

/** An acknowledgement of what was never sent, or of less than before, changes nothing but proves life. */
export function afterAck(credit: Credit, offset: number, now: number): Credit {
  const acked = offset > credit.acked && offset <= credit.sent ? offset : credit.acked;
  return {
    sent: credit.sent,
    acked,
    isHeld: credit.isHeld && credit.sent - acked > LOW_WATERMARK_BYTES,
    aliveAt: now,
  };
}

/**
 * Whether the pty should rest: every live viewer has all it can take. The fastest one sets the pace, a viewer that
 * has shown no life for LIVE_VIEWER_MS has no say, and with no live viewer nobody is waited for.
 */
export function shouldPause(viewers: readonly Credit[], now: number): boolean {
  const live = viewers.filter((viewer) => now - viewer.aliveAt < LIVE_VIEWER_MS);
  return live.length > 0 && live.every((viewer) => viewer.isHeld);
}
