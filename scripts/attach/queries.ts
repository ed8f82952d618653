/**
 * Which sequences ask the terminal for an answer. The server's screen answers them; the answers of the local terminal
 * would come in on stdin and be typed into the program. After https://invisible-island.net/xterm/ctlseqs/ctlseqs.html
 * and https://sw.kovidgoyal.net/kitty/; reports that are no answers (focus, mouse, colour scheme) are left alone.
 */

/** Device attributes, status, requested modes, version, parameters, keyboard flags, presentation and rectangle reports, locator. */
const CSI_QUERY =
  /^([>=]?[\d;:]*c|\??[\d;:]*n|\??[\d;:]*\$p|>[\d;:]*q|[\d;:]*x|\?[\d;:]*u|\?[\d;:]*m|\?[\d;:]*S|[\d;:]*\$[uw]|&u|[\d;:]*\*y|[\d;:]*'\||[\d;:]*#[|R]|"v)$/;
/** `CSI Ps t` with these asks for a report; the others change something. */
const WINDOW_REPORTS = new Set([11, 13, 14, 15, 16, 18, 19, 20, 21]);

/** @param body what stands between CSI and the end of the sequence, final byte included; no control characters */
export function isCsiQuery(body: string): boolean {
  const window = /^(\d+)[\d;]*t$/.exec(body);
  if (window) return WINDOW_REPORTS.has(Number(window[1]));
  return CSI_QUERY.test(body);
}

/** @param body what stands after ESC */
export function isEscapeQuery(body: string): boolean {
  return body === 'Z';
}

/** @param header from behind DCS to its final byte: DECRQSS and XTGETTCAP */
export function isDcsQuery(header: string): boolean {
  return /^[\d;]*[$+]q$/.test(header);
}

/** @param control what stands between APC and the first semicolon: a question of kitty's graphics protocol */
export function isApcQuery(control: string): boolean {
  return /^G(.*,)?a=q(,|$)/.test(control);
}

/**
 * An image of kitty's that has a number would be answered by the local terminal, too: told to be quiet, it is drawn all the same.
 * @param control as for isApcQuery
 */
export function quietApc(control: string): string {
  return /^G(.*,)?[iI]=/.test(control) ? `${control.replace(/,q=[^,]*/g, '').replace(/^Gq=[^,]*,/, 'G')},q=2` : control;
}

const isColour = (number: number) => number >= 10 && number <= 19;

/** True when an OSC with this number may ask, so that the whole of it must be looked at. */
export function mayOscAsk(number: number): boolean {
  return [4, 5, 21, 22, 50, 52, 60, 61, 99, 1337, 5522].includes(number) || isColour(number);
}

/**
 * What of an OSC is to be carried out, as OSC bodies: itself, nothing of one that only asks, and of one that sets some
 * colours and asks for others the setting part.
 * @param body what stands between OSC and its terminator
 */
export function withoutQuestions(body: string): string[] {
  const [, digits = '', rest = ''] = /^(\d+);?([^]*)$/.exec(body) ?? [];
  const number = Number(digits);
  if (digits === '' || !mayOscAsk(number)) return [body];
  const slots = rest.split(';');
  if (number === 4 || number === 5) return indexedColours(digits, slots) ?? [body];
  if (isColour(number)) {
    if (!slots.includes('?')) return [body];
    // The slots of one sequence are those of this number and the next ones.
    return slots.flatMap((slot, i) => (slot === '?' ? [] : [`${number + i};${slot}`]));
  }
  return isOtherQuestion(number, rest, slots) ? [] : [body];
}

/** Pairs of index and colour; null when none of them asks. */
function indexedColours(digits: string, slots: string[]): string[] | null {
  const pairs = Array.from({ length: Math.ceil(slots.length / 2) }, (_, i) => slots.slice(2 * i, 2 * i + 2));
  const kept = pairs.filter(([, colour]) => colour !== '?');
  if (kept.length === pairs.length) return null;
  return kept.length === 0 ? [] : [[digits, ...kept.flat()].join(';')];
}

function isOtherQuestion(number: number, rest: string, slots: string[]): boolean {
  if (number === 52) return slots.at(-1) === '?';
  if (number === 21) return slots.some((slot) => slot.endsWith('=?'));
  if (number === 22 || number === 50) return rest.startsWith('?');
  if (number === 60 || number === 61) return true;
  if (number === 99) return /(^|:)p=\?/.test(slots[0] ?? '');
  if (number === 5522) return /(^|:)type=read(:|$)/.test(slots[0] ?? '');
  return /^(ReportCellSize|ReportVariable=|Capabilities$|RequestUpload)/.test(rest);
}
